import Foundation
import Foundations
import Tensor
import TestSupport
import Testing

/// `--numerics portable` and `SEGFED_KERNELS`, through the program.
@Suite struct NumericsTests {
  /// Whether this CPU can compute portably at all.
  static let canBePortable = KernelChoice.available.contains { $0.name == "avx2" }
  /// What the program sets when it starts itself again.
  static let environment = Dictionary(
    uniqueKeysWithValues: NumericsEnvironment.portable.map { ($0.name, $0.value) })

  private let folder: TemporaryFolder
  private let sites: TinySites

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
  }

  private func arguments(_ output: String, _ numerics: String = "portable") -> [String] {
    [
      "train", "--data", sites.data, "--output", folder.file(output), "--plan", sites.plan, "--threads", "2",
      "--numerics", numerics,
    ]
  }

  /// A network trained here and on an emulated CPU without AVX-512: the same file, byte for byte.
  @Test(.enabled(if: canBePortable && Emulation.isWanted, "needs AVX2, and qemu-user"))
  func anotherCPUGivesTheSameWeights() throws {
    let here = try SegfedProcess(arguments("here")).wait()
    #expect(here.code == 0, "\(here.errors)")
    // qemu does not follow a program that starts another, so it gets the environment from the beginning.
    let there = try SegfedProcess(
      arguments("there"), environment: Self.environment, emulating: "Haswell"
    ).wait(seconds: 240)
    #expect(there.code == 0, "\(there.errors)")
    let digests = try ["here", "there"].map { run in
      let model = folder.file(run + "/coordinator/model.safetensors")
      return try Digest.hex(Digest.sha256(Data(contentsOf: URL(fileURLWithPath: model))))
    }
    #expect(digests[0] == digests[1])
  }

  @Test(.enabled(if: canBePortable, "needs AVX2"), arguments: ["portable", "native"])
  func theRunSaysHowItComputed(mode: String) throws {
    let outcome = try SegfedProcess(arguments("run", mode)).wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    let journal = try String(contentsOfFile: folder.file("run/coordinator/rounds.jsonl"), encoding: .utf8)
    let first = try #require(journal.split(separator: "\n").first)
    let header = try #require(try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any])
    let numerics = try #require(header["numerics"] as? [String: String])
    let config = try String(contentsOfFile: folder.file("run/config.yaml"), encoding: .utf8)
    #expect(numerics["mode"] == mode)
    #expect(config.contains("mode: \(mode)\n"))
    // OpenBLAS' oldest kernels, which it takes on a CPU that it does not know.
    #expect(numerics["openblas_core"] != "Prescott")
    if mode == "portable" {
      #expect(numerics["kernels"] == "avx2" && numerics["openblas_core"] == "Haswell")
      #expect(config.contains("kernels: avx2\n") && config.contains("openblas_core: Haswell\n"))
    }
  }

  /// Every command that computes takes the option; the exit code is the restarted program's.
  @Test(
    .enabled(if: canBePortable, "needs AVX2"),
    arguments: [
      ["train", "--data", "nowhere", "--output", "out"], ["loso", "--data", "nowhere", "--output", "out"],
      ["predict", "--model", "nowhere", "--input", "nowhere", "--output", "out"],
      ["evaluate", "--model", "nowhere", "--data", "nowhere", "--output", "out"],
    ])
  func exitCodesPassThrough(_ arguments: [String]) throws {
    let native = try SegfedProcess.run(arguments)
    let portable = try SegfedProcess.run(arguments + ["--numerics", "portable"])
    #expect(portable.code == 2 && native.code == 2)
    #expect(portable.errors == native.errors)
  }

  @Test(.enabled(if: canBePortable, "needs AVX2")) func signalsReachTheRestartedProgram() throws {
    let process = try SegfedProcess(arguments("run") + ["--rounds", "2000"])
    let end = Date().addingTimeInterval(30)
    while process.isRunning, Date() < end, !Refusal.exists(folder.file("run/coordinator/model.safetensors")) {
      usleep(2000)
    }
    process.interrupt()
    let outcome = try process.wait()
    #expect(outcome.code == 130, "\(outcome.errors)")
    #expect(outcome.errors.contains("segfed: stopped. "))
  }

  @Test(arguments: ["train", "loso", "predict", "evaluate", "simulate"])
  func unknownKernelsAreRefused(command: String) throws {
    let required = [
      "train": ["--data", "a", "--output", "b"], "loso": ["--data", "a", "--output", "b"],
      "predict": ["--model", "a", "--input", "a", "--output", "b"],
      "evaluate": ["--model", "a", "--data", "a", "--output", "b"], "simulate": ["--output", "b"],
    ]
    let outcome = try SegfedProcess(
      [command] + (required[command] ?? []), environment: ["SEGFED_KERNELS": "mmx"]
    ).wait()
    #expect(outcome.code == 2)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.hasPrefix("segfed: environment, SEGFED_KERNELS: found mmx, expected one "))
  }

  @Test(
    .enabled(if: canBePortable, "needs AVX2"),
    arguments: [
      ("SEGFED_KERNELS", "portable"), ("OPENBLAS_CORETYPE", "Nehalem"),
    ])
  func contradictionsAreRefused(variable: String, value: String) throws {
    let outcome = try SegfedProcess(arguments("run"), environment: [variable: value]).wait()
    #expect(outcome.code == 2)
    #expect(outcome.errorLines.count == 1)
    #expect(
      outcome.errors.contains("\(variable): found \(value), expected \(Self.environment[variable] ?? "")"))
    #expect(!Refusal.exists(folder.file("run")))
  }

  @Test(.enabled(if: Emulation.isWanted, "needs qemu-user")) func aCPUWithoutAVX2IsRefused() throws {
    let outcome = try SegfedProcess(arguments("run"), emulating: "Nehalem").wait(seconds: 120)
    #expect(outcome.code == 2)
    #expect(
      outcome.errors.contains("segfed: --numerics portable: found a CPU with the kernels portable, expected ")
    )
    #expect(!Refusal.exists(folder.file("run")))
  }
}
