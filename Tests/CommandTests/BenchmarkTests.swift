import Foundation
import TestSupport
import Testing

/// `segfed benchmark` on a plan so small that a step takes milliseconds.
@Suite struct BenchmarkTests {
  private let folder: TemporaryFolder
  private let plan: String

  init() throws {
    folder = try TemporaryFolder()
    plan = try folder.write(Data(TinySites.planText().utf8), "plan.yaml")
  }

  private func benchmark(_ more: String...) throws -> SegfedProcess.Outcome {
    let outcome = try SegfedProcess.run(
      ["benchmark", "--plan", plan, "--threads", "2", "--quiet", "--warmup", "0", "--repetitions", "2"] + more
    )
    #expect(outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(outcome.code == 0)
    return outcome
  }

  /// The one result of a document.
  private func result(_ outcome: SegfedProcess.Outcome) throws -> [String: Any] {
    let results = try #require(try outcome.json()["results"] as? [[String: Any]])
    #expect(results.count == 1)
    return results[0]
  }

  private func number(_ object: [String: Any], _ path: String...) throws -> Double {
    var value: Any = object
    for key in path { value = try #require((value as? [String: Any])?[key]) }
    return try #require(value as? Double)
  }

  // MARK: - Whole networks
  /// The reader is the peers' own: what `compare.py` makes of the document is the document's.
  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func thePeersReadTheDocument() throws {
    let outcome = try benchmark("--json")
    let answer = try PythonReference.run(
      script: "peers_reference.py", input: Data(outcome.output.utf8))
    let seen = try #require(try JSONSerialization.jsonObject(with: answer) as? [String: Any])
    let document = try outcome.json()
    #expect(document["machine"] as? NSDictionary == seen["machine"] as? NSDictionary)
    let row = try #require(seen["row"] as? [String: Any])
    let own = try result(outcome)
    for pass in ["step", "inference"] {
      for clock in ["wall_ms", "cpu_ms"] {
        for figure in ["median", "minimum"] {
          #expect(try number(row, pass, clock, figure) == number(own, pass, clock, figure))
        }
      }
    }
    #expect(try number(row, "peak_bytes") == number(own, "peak_bytes"))
    let table = try #require(seen["table"] as? String)
    #expect(table.contains("| segfed fp32 |") && table.contains("segfed 0."))
  }

  @Test func figuresFitTogether() throws {
    let result = try result(benchmark("--json"))
    #expect(result["network"] as? String == "tiny")
    // 4→4 and 4→8 and 8→4 of 27 taps, a 2×2×2 transposed 8→4 with bias, a 1×1×1 head 4→4 with bias, three norms.
    let convolutions = 27 * (4 * 4 + 4 * 8 + 8 * 4) + 8 * 8 * 4 + 4 + 4 * 4 + 4
    #expect(result["parameters"] as? Int == convolutions + 2 * (4 + 8 + 4))
    for pass in ["step", "inference"] {
      #expect(try number(result, pass, "wall_ms", "median") >= number(result, pass, "wall_ms", "minimum"))
      #expect(try number(result, pass, "wall_ms", "minimum") > 0)
      #expect(try number(result, pass, "cpu_ms", "minimum") > 0)
      #expect(try number(result, pass, "repetitions") == 2)
    }
    #expect(try number(result, "peak_bytes") > number(result, "baseline_bytes"))
  }

  @Test func oneOfTheTwoAlone() throws {
    let training = try result(benchmark("--training-only", "--json"))
    #expect(training["step"] != nil && training["inference"] == nil)
    let inference = try result(benchmark("--inference-only", "--json"))
    #expect(inference["step"] == nil && inference["inference"] != nil)
  }

  /// Inference comes after the step and must not raise the peak.
  @Test func peakIsTheStepsOwn() throws {
    let large = try folder.write(
      Data(TinySites.planText(patch: [64, 64, 64], widths: [16, 16]).utf8), "large.yaml")
    let both = try SegfedProcess.run(
      "benchmark", "--plan", large, "--quiet", "--warmup", "0", "--repetitions", "1", "--json")
    let alone = try SegfedProcess.run(
      "benchmark", "--plan", large, "--quiet", "--warmup", "0", "--repetitions", "1", "--json",
      "--training-only")
    let peaks = try [both, alone].map { try number(result($0), "peak_bytes") }
    #expect(abs(peaks[0] - peaks[1]) < 0.05 * peaks[1], "\(peaks)")
    #expect(try peaks[0] > 1.5 * number(result(both), "baseline_bytes"))
  }

  /// A network's peak is not the one before's: A takes three times as much as B.
  @Test func peakIsTheNetworksOwn() throws {
    func peak(_ networks: String...) throws -> Double {
      let names = networks.flatMap { ["--network", $0] }
      let outcome = try SegfedProcess.run(
        ["benchmark", "--training-only", "--warmup", "0", "--repetitions", "1", "--quiet", "--json"] + names)
      let results = try #require(try outcome.json()["results"] as? [[String: Any]])
      let last = try #require(results.last)
      #expect(last["network"] as? String == "B" && results.count == networks.count)
      return try number(last, "peak_bytes")
    }
    let (alone, after) = (try peak("B"), try peak("A", "B"))
    #expect(abs(alone - after) < 0.15 * alone, "\(alone), \(after)")
  }

  @Test func tablesFitTheirWidth() throws {
    for more in [[], ["--layers"], ["--explain"], ["--scaling"], ["--tune"], ["--input"]] {
      let outcome = try SegfedProcess.run(
        ["benchmark", "--plan", plan, "--quiet", "--warmup", "0", "--repetitions", "1"] + more)
      #expect(outcome.code == 0 && outcome.output.contains("tiny"), "\(outcome.errors)")
      for line in outcome.output.split(separator: "\n") { #expect(line.count <= 110, "\(line)") }
      #expect(outcome.output.contains("kernels, OpenBLAS 0."))
    }
    // The widest: the longest names of layers and strategies.
    let outcome = try SegfedProcess.run("benchmark", "--network", "D", "--explain")
    for line in outcome.output.split(separator: "\n") { #expect(line.count <= 110, "\(line)") }
  }

  @Test func portableNumericsAreNamed() throws {
    let native = try benchmark("--json")
    #expect(try result(native)["mode"] as? String == "native")
    let machine = try #require(try native.json()["machine"] as? [String: Any])
    guard machine["avx2"] as? Bool == true else { return }
    let portable = try benchmark("--numerics", "portable", "--json")
    #expect(try result(portable)["mode"] as? String == "portable")
    let numerics = try #require(try portable.json()["numerics"] as? [String: String])
    #expect(numerics["kernels"] == "avx2" && numerics["openblas_core"] == "Haswell")
  }

  // MARK: - Layers
  @Test func layersCountWhatTheDefinitionAsks() throws {
    let document = try benchmark("--layers", "--strategy", "reference", "--json").json()
    let network = try #require((document["networks"] as? [[String: Any]])?.first)
    let layers = try #require(network["layers"] as? [[String: Any]])
    let names = layers.map { "\($0["layer"] as? String ?? "") \($0["pass"] as? String ?? "")" }
    #expect(
      names == [
        "encoder.0.0 forward", "encoder.1.0 forward", "decoder.0.up forward", "decoder.0.0 forward",
        "head forward", "loss forward", "head weight gradient", "head input gradient",
        "decoder.0.0 weight gradient", "decoder.0.0 input gradient", "decoder.0.up backward",
        "encoder.1.0 weight gradient", "encoder.1.0 input gradient", "encoder.0.0 weight gradient",
        "optimiser update",
      ])
    // 16³ voxels, 27 taps, 4 to 4 channels: the reference multiplies what the definition asks for.
    let first = layers[0]
    let gigaflop = 2e-9 * 4096 * 27 * 4 * 4
    for rate in ["effective_gflops", "real_gflops"] {
      #expect(abs(try number(first, rate) * number(first, "ms") * 1e-3 / gigaflop - 1) < 0.05)
    }
    #expect(first["bytes"] as? Int == 4 * (2 * 4096 * 4 + 27 * 4 * 4))
    #expect(first["strategy"] as? String == "reference")
    let sgemm = try number(network, "sgemm_gflops")
    #expect(sgemm > 1)
    #expect(try number(network, "triad_gb_per_s") > 0.1)
    #expect(try abs(number(first, "share_of_sgemm") - number(first, "real_gflops") / sgemm) < 0.002)
  }

  // MARK: - Choices
  /// Rows of `--explain` by `<layer> <pass>`.
  private func choices(_ arguments: [String]) throws -> [String: [String: Any]] {
    let outcome = try SegfedProcess.run(["benchmark", "--explain", "--json"] + arguments)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let networks = try #require(try outcome.json()["networks"] as? [[String: Any]])
    let rows = try #require(networks.first?["convolutions"] as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: rows.map {
        ("\($0["layer"] as? String ?? "") \($0["pass"] as? String ?? "")", $0)
      })
  }

  private func candidates(_ row: [String: Any]) throws -> [String] {
    try #require(row["candidates"] as? [[String: Any]]).compactMap { $0["strategy"] as? String }
  }

  @Test func explainNamesEveryCandidateAndTheCheapest() throws {
    let rows = try choices(["--network", "A"])
    // 9 convolutions down, 8 up and the head; the first has no input gradient.
    let convolutions = 10 + 8 + 1
    #expect(rows.count == 3 * convolutions - 1)
    #expect(rows["encoder.0.0 input gradient"] == nil)
    let row = try #require(rows["encoder.1.1 forward"])
    #expect(row["input"] as? [Int] == [4, 1, 96, 96, 64] && row["output_channels"] as? Int == 64)
    #expect(row["kernel"] as? [Int] == [1, 3, 3])
    let names = try candidates(row)
    let others = ["direct", "gather", "reference"]
    let tiles = ["2x2", "2x4", "4x2", "4x4", "4x6", "6x4", "6x6"].map { "winograd:1x" + $0 }
    for name in others + tiles { #expect(names.contains(name), "\(name)") }
    for (key, row) in rows {
      let costs = try #require(row["candidates"] as? [[String: Any]]).map { try number($0, "megacycles") }
      #expect(costs == costs.sorted() && row["reason"] as? String == "model", "\(key)")
      #expect(try row["strategy"] as? String == candidates(row)[0])
    }
  }

  @Test func explainTellsOverrideFromModel() throws {
    let rows = try choices(["--plan", plan, "--strategy", "direct"])
    let forward = try #require(rows["encoder.0.0 forward"])
    #expect(forward["strategy"] as? String == "direct" && forward["reason"] as? String == "override")
    // A strided input gradient is no correlation of whole lines.
    let strided = try #require(rows["encoder.1.0 input gradient"])
    #expect(strided["reason"] as? String == "model")
    #expect(try !candidates(strided).contains { $0.hasPrefix("winograd") })
  }

  @Test func theOverrideComputes() throws {
    for (strategy, shown) in [("winograd:2x2x4", "winograd 2×2×4"), ("gather", "gather")] {
      let document = try benchmark("--layers", "--strategy", strategy, "--json").json()
      let layers = try #require(
        (document["networks"] as? [[String: Any]])?.first?["layers"] as? [[String: Any]])
      #expect(layers[0]["strategy"] as? String == shown)
    }
  }

  // MARK: - Scaling
  @Test func scalingIsOneThreadOverAll() throws {
    let document = try benchmark("--scaling", "--json").json()
    let row = try #require((document["scaling"] as? [[String: Any]])?.first)
    let one = try number(row, "one_thread", "wall_ms", "median")
    let all = try number(row, "all_threads", "wall_ms", "median")
    #expect(try abs(number(row, "step_ratio") - one / all) < 0.01)
    #expect(try number(row, "sgemm_ratio") > 0.1)
  }

  // MARK: - Input
  @Test func inputIsTheBareStepOverTheFedOne() throws {
    let document = try benchmark("--input", "--json").json()
    let row = try #require((document["input"] as? [[String: Any]])?.first)
    let bare = try number(row, "bare", "wall_ms", "median")
    let fed = try number(row, "with_input", "wall_ms", "median")
    #expect(try abs(number(row, "throughput") - bare / fed) < 0.01)
    #expect(try number(row, "batch_cpu_ms") > 0)
  }

  // MARK: - Refusals
  @Test func inputFitsTheNetwork() throws {
    let narrow = try folder.write(
      Data(TinySites.planText(more: "contrasts: [t1, t2]").utf8), "narrow.yaml")
    let outcome = try SegfedProcess.run("benchmark", "--plan", narrow, "--input", "--quiet")
    Refusal.check(outcome, names: "--input", says: ["2 contrasts", "expected 4"])
  }

  @Test func strategyIsUnknown() throws {
    for name in ["fft", "winograd:3x3x3", "winograd", ""] {
      let outcome = try SegfedProcess.run("benchmark", "--network", "B", "--strategy", name, "--quiet")
      Refusal.check(outcome, names: "--strategy", says: ["direct, gather, reference, winograd:1x4x4"])
    }
    let idle = try SegfedProcess.run("benchmark", "--network", "B", "--strategy", "winograd:4x4x4")
    Refusal.check(idle, names: "--strategy", says: ["winograd:4x4x4", "network B", "--explain"])
  }

  @Test(
    arguments: [
      (["--network", "E"], "--network: found E, expected one of A, B, C, D"),
      (["--network", "A", "--plan", "p"], "exclude each other"), (["--layers", "--tune"], "--tune"),
      (["--training-only", "--inference-only"], "--inference-only"),
      (["--repetitions", "0"], "--repetitions"),
      (["--warmup", "-1"], "--warmup"), (["--output", "t.yaml"], "--tune"),
      (["--tune", "--strategy", "direct"], "--tune times every strategy"),
      (["--layers", "--training-only"], "--training-only"),
      (["--strategy", "direct", "--tuning", "t.yaml"], "exclude each other"),
    ]) func usage(arguments: [String], says: String) throws
  {
    Refusal.checkUsage(try SegfedProcess.run(["benchmark"] + arguments), says: [says])
  }

  @Test func planIsMissing() throws {
    let outcome = try SegfedProcess.run("benchmark", "--plan", folder.file("none.yaml"), "--quiet")
    Refusal.check(outcome, names: folder.file("none.yaml"))
  }
}
