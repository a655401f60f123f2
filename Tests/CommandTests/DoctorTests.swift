import Foundation
import Tensor
import TestSupport
import Testing

/// `segfed doctor` on this machine, and on CPUs that qemu imitates.
@Suite struct DoctorTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The first core's flags, as the system lists them.
  private static func systemFlags() throws -> Set<String> {
    let text = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
    return Set(line.split(separator: " ").map(String.init))
  }

  private func finding(_ check: String, in document: [String: Any]) throws -> [String: Any] {
    let findings = try #require(document["findings"] as? [[String: Any]])
    return try #require(findings.first { $0["check"] as? String == check })
  }

  private func part(_ key: String, of document: [String: Any]) throws -> [String: Any] {
    try #require(document[key] as? [String: Any])
  }

  @Test func factsAreTheSystems() throws {
    let outcome = try SegfedProcess.run("doctor", "--json", "--output", folder.path)
    #expect(outcome.errors.isEmpty, "\(outcome.errors)")
    let document = try outcome.json()
    #expect(outcome.code == (document["verdict"] as? String == "broken" ? 1 : 0))
    #expect(document["schema_version"] as? Int == 1)
    let (cpu, flags) = (try part("cpu", of: document), try Self.systemFlags())
    #expect(cpu["avx2"] as? Bool == flags.contains("avx2"))
    #expect(cpu["avx512"] as? Bool == flags.contains("avx512f"))
    #expect(cpu["amx"] as? Bool == flags.contains("amx_tile"))
    let kernels = try part("kernels", of: document)
    #expect(kernels["available"] as? [String] == KernelChoice.available.map { $0.name })
    // nproc follows these variables too; newer ones the quota.
    let nproc = try InstalledProgram.run("env", ["-u", "OMP_NUM_THREADS", "-u", "OMP_THREAD_LIMIT", "nproc"])
    let cores = try part("cores", of: document)
    let counted = try #require(Int(nproc.trimmingCharacters(in: .whitespacesAndNewlines)))
    let usable = try #require(cores["usable"] as? Int)
    #expect(
      counted == usable || (cores["quota"] as? Double).map { counted == max(1, Int($0.rounded(.up))) } == true
    )
    #expect(try part("openblas", of: document)["sgemm_gflops"] as? Double ?? 0 > 0)
    let libraries = try #require(document["libraries"] as? [String: String])
    #expect(Set(libraries.keys) == ["libnifti", "libpng", "zlib", "libdeflate", "SQLite"])
    #expect(libraries.values.allSatisfy { $0.first?.isNumber == true }, "\(libraries)")
  }

  @Test func theDiskIsTriedAndNothingIsLeft() throws {
    let document = try SegfedProcess.run(
      "doctor", "--json", "--output", folder.file("runs/not-yet")
    ).json()
    let disk = try part("disk", of: document)
    #expect(disk["folder"] as? String == folder.path)
    #expect(disk["write_mb_per_s"] as? Double ?? 0 > 0 && disk["sync_ms"] as? Double ?? 0 > 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  /// Exit code 1, with the table that says what is broken.
  @Test func aDiskThatTakesNothingIsBroken() throws {
    let outcome = try SegfedProcess.run("doctor", "--output", "/proc")
    #expect(outcome.code == 1 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(outcome.output.contains(/\ndisk +broken +\/proc/))
    #expect(outcome.output.contains("segfed does not work here as it is: disk"))
  }

  @Test func aPlanIsHeldAgainstTheMemory() throws {
    let small = try SegfedProcess.run("doctor", "--plan", "tiny", "--json").json()
    #expect(try finding("plan", in: small)["verdict"] as? String == "fine")
    let bytes = try part("plan", of: small)
    #expect(try #require(bytes["training_bytes"] as? Int) >= #require(bytes["least_training_bytes"] as? Int))
    let text = TinySites.planText(patch: [512, 512, 512], widths: [64, 128])
    let large = try SegfedProcess.run(
      "doctor", "--plan", folder.write(Data(text.utf8), "large.yaml"), "--json")
    #expect(large.code == 1)
    #expect(try finding("plan", in: large.json())["verdict"] as? String == "broken")
  }

  @Test func variablesOfTheEnvironmentAreNamed() throws {
    guard KernelChoice.available.count > 1 else { return }
    let outcome = try SegfedProcess(
      ["doctor"], environment: ["SEGFED_KERNELS": "portable", "OPENBLAS_CORETYPE": "Nehalem"]
    ).wait()
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("kernels: SEGFED_KERNELS=portable in the environment asks for them"))
    #expect(outcome.output.contains("OpenBLAS: OPENBLAS_CORETYPE=Nehalem makes it compute without AVX2."))
    #expect(outcome.output.contains(/Slower than need be: .*kernels, OpenBLAS/))
  }

  @Test(
    .enabled(if: Emulation.isWanted, "needs qemu-user"),
    arguments: [("Nehalem", ["portable"]), ("Haswell", ["portable", "avx2"])])
  func emulatedCPUs(cpu: String, kernels: [String]) throws {
    let outcome = try SegfedProcess(["doctor", "--json"], emulating: cpu).wait(seconds: 120)
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
    let document = try outcome.json()
    #expect(try part("kernels", of: document)["available"] as? [String] == kernels)
    let finding = try finding("kernels", in: document)
    #expect(
      finding["found"] as? String == "\(kernels.last ?? ""); this CPU runs \(kernels.joined(separator: ", "))"
    )
    // The host's /proc/cpuinfo shows through: what it lists, qemu does not offer. A host that has no more says so itself.
    let lists = try Self.systemFlags().contains(cpu == "Nehalem" ? "avx2" : "avx512f")
    if lists { #expect(finding["verdict"] as? String == "slow") }
    let reason = try #require(finding["reason"] as? String)
    #expect(reason.contains(lists ? "emulator" : "The CPU"), "\(reason)")
  }

  // MARK: - Refusals
  @Test func badInput() throws {
    let plan = try SegfedProcess.run("doctor", "--plan", "unet4d")
    Refusal.check(plan, names: "unet4d", says: ["unet3d"])
    let missing = folder.file("none.yaml")
    Refusal.check(try SegfedProcess.run("doctor", "--plan", missing), names: missing)
    let file = try folder.write(Data("x".utf8), "file")
    Refusal.check(try SegfedProcess.run("doctor", "--output", file), names: file, says: ["expected a folder"])
    Refusal.checkUsage(try SegfedProcess.run("doctor", "--threads", "0"), says: ["--threads: found 0"])
  }
}
