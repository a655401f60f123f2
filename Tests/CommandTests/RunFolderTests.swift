import Foundation
import TestSupport
import Testing

/// What a run leaves on disk, and of what use it is.
@Suite struct RunFolderTests {
  private let folder: TemporaryFolder
  private let sites: TinySites

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
  }

  private func predict(_ model: String, _ output: String, input: String? = nil) throws
    -> SegfedProcess.Outcome
  {
    try SegfedProcess.run(
      "predict", "--model", model, "--input", input ?? sites.data, "--output", folder.file(output))
  }

  // MARK: - The wall
  @Test func coordinatorPredictsWithoutSites() throws {
    let run = folder.file("run")
    #expect(try sites.train(output: run).code == 0)
    #expect(try predict(run, "before").code == 0)
    try FileManager.default.removeItem(atPath: run + "/sites")
    let outcome = try predict(run, "after")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try labelMaps("before") == labelMaps("after"))
  }

  /// The coordinator's half names no case.
  @Test func coordinatorHoldsNoCaseNames() throws {
    let run = try TrainedRun.shared.get().path
    for file in try FileManager.default.contentsOfDirectory(atPath: run + "/coordinator") {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: run + "/coordinator/" + file))
      for name in ["birch-00", "hazel-00"] { #expect(bytes.range(of: Data(name.utf8)) == nil, "\(file)") }
    }
  }

  @Test func sitesPredictWithoutCoordinator() throws {
    for mode in ["federated", "local"] {
      let run = folder.file(mode)
      #expect(try sites.train(output: run, "--mode", mode).code == 0)
      try? FileManager.default.removeItem(atPath: run + "/coordinator")
      for site in ["birch", "hazel"] {
        let outcome = try predict("\(run)/sites/\(site)/model.safetensors", "\(mode)/\(site)")
        #expect(outcome.code == 0, "\(outcome.errors)")
      }
      // The folder as a whole: each site with its own model.
      let outcome = try predict(run, "\(mode)-predictions")
      #expect(outcome.code == 0, "\(outcome.errors)")
      let own = try labelMaps("\(mode)-predictions").filter { $0.key.hasPrefix("hazel") }
      let expected = try labelMaps("\(mode)/hazel").filter { $0.key.hasPrefix("hazel") }
      #expect(!own.isEmpty && own == expected)
      // One case does not say which site's model is meant, where they differ.
      if mode == "local" {
        let single = try predict(run, "single", input: sites.data + "/birch/birch-001")
        #expect(single.code == 2 && single.errors.contains("sites/<name>/model.safetensors"))
      }
    }
  }

  /// Files by path below a folder.
  private func labelMaps(_ name: String) throws -> [String: Data] {
    var found: [String: Data] = [:]
    let files = FileManager.default.enumerator(atPath: folder.file(name))
    while let file = files?.nextObject() as? String {
      guard file.hasSuffix("_seg.nii.gz") else { continue }
      found[file] = try Data(contentsOf: URL(fileURLWithPath: folder.file(name) + "/" + file))
    }
    return found
  }

  // MARK: - The same again
  @Test func sameSeedGivesTheSameModel() throws {
    var models: [Data] = []
    for (number, more) in [["--threads", "1"], ["--threads", "1"], ["--threads", "2"]].enumerated() {
      let run = folder.file("run-\(number)")
      let outcome = try SegfedProcess.run(
        [
          "train", "--data", sites.data, "--output", run, "--plan", sites.plan, "--rounds", "2",
          "--local-steps", "3",
        ]
          + more)
      #expect(outcome.code == 0, "\(outcome.errors)")
      models.append(try Data(contentsOf: URL(fileURLWithPath: run + "/coordinator/model.safetensors")))
    }
    #expect(models[0] == models[1])
    #expect(models[0] == models[2])
    let other = folder.file("other")
    #expect(try sites.train(output: other, "--rounds", "2", "--local-steps", "3", "--seed", "2").code == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: other + "/coordinator/model.safetensors")) != models[0])
  }

  // MARK: - metrics.json
  @Test func metricsHaveTheDocumentedKeys() throws {
    let text = try Data(contentsOf: URL(fileURLWithPath: TrainedRun.shared.get().path + "/metrics.json"))
    let metrics = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    #expect(metrics["schema_version"] as? Int == 1)
    let overall = try #require((metrics["overall"] as? [String: Any])?["dice"] as? [String: Double])
    #expect(Set(overall.keys) == ["WT", "TC", "ET"])
    let perSite = try #require(metrics["sites"] as? [String: [String: Any]])
    #expect(Set(perSite.keys) == ["birch", "hazel"])
    var means: [String: Double] = [:]
    for (name, site) in perSite {
      let dice = try #require(site["dice"] as? [String: Double])
      #expect(Set(dice.keys) == ["WT", "TC", "ET"] && dice.values.allSatisfy { (0...1).contains($0) })
      means[name] = dice.values.reduce(0, +) / 3
    }
    let worst = try #require(metrics["worst_site"] as? String)
    #expect(means[worst] == means.values.min())
    let bandwidth = try #require(metrics["bandwidth"] as? [String: Any])
    for key in ["down_bytes", "up_bytes", "total_bytes", "scan_bytes_compressed", "scan_bytes_uncompressed"] {
      #expect((bandwidth[key] as? Int ?? 0) > 0, "\(key)")
    }
    #expect(bandwidth["saving_compressed"] is Double && bandwidth["saving_uncompressed"] is Double)
    let down = try #require(bandwidth["down_bytes"] as? Int)
    let up = try #require(bandwidth["up_bytes"] as? Int)
    #expect(bandwidth["total_bytes"] as? Int == down + up)
    // The scans' bytes are the files' own.
    var bytes = 0
    let files = FileManager.default.enumerator(atPath: sites.data)
    while let file = files?.nextObject() as? String {
      guard file.hasSuffix(".nii.gz") else { continue }
      bytes += try FileManager.default.attributesOfItem(atPath: sites.data + "/" + file)[.size] as? Int ?? 0
    }
    #expect(bandwidth["scan_bytes_compressed"] as? Int == bytes)
  }
  /// Scans that are links, as git-annex and DVC leave them: the same run, and the same bytes of scans, as of the files themselves.
  @Test func linkedScansCountAsTheirFiles() throws {
    let linked = try folder.folder("linked")
    for file in FileManager.default.subpaths(atPath: sites.data) ?? [] where file.hasSuffix(".gz") {
      let target = linked + "/" + file
      try FileManager.default.createDirectory(
        atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: target, withDestinationPath: sites.data + "/" + file)
    }
    func bandwidth(_ data: String, _ name: String) throws -> [String: Any] {
      let outcome = try SegfedProcess.run(
        "train", "--data", data, "--plan", sites.plan, "--output", folder.file(name), "--quiet", "--json")
      try #require(outcome.code == 0, "\(outcome.errors)")
      return try #require(try outcome.json()["bandwidth"] as? [String: Any])
    }
    let (direct, through) = (try bandwidth(sites.data, "direct"), try bandwidth(linked, "through"))
    for key in ["scan_bytes_compressed", "scan_bytes_uncompressed", "total_bytes"] {
      #expect(direct[key] as? Int == through[key] as? Int, "\(key)")
    }
  }
}
