import Coordinator
import Foundation
import Foundations
import Interchange
import Testing

private func lines(_ folder: String) throws -> [[String: Any]] {
  let text = try String(contentsOfFile: folder + "/rounds.jsonl", encoding: .utf8)
  #expect(text.hasSuffix("\n"))
  return try text.split(separator: "\n").map {
    try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
  }
}

/// The scores of a round's line. Read by `JSONDecoder`: `JSONSerialization` rounds in the last digit.
private struct RoundScores: Decodable, Equatable {
  struct Site: Decodable, Equatable {
    let loss: Double
    let validation: SiteScores?
  }

  let sites: [Site]
  let validationMean: Double?

  private enum CodingKeys: String, CodingKey {
    case sites
    case validationMean = "validation_mean"
  }

  init(_ record: RoundRecord) {
    sites = record.sites.map { Site(loss: $0.meanLoss, validation: $0.validation) }
    validationMean = record.validation.meanOfSiteMeans
  }
}

private func scores(_ folder: String, line: Int) throws -> RoundScores {
  let text = try String(contentsOfFile: folder + "/rounds.jsonl", encoding: .utf8)
  return try JSONDecoder().decode(RoundScores.self, from: Data(text.split(separator: "\n")[line].utf8))
}

struct CoordinatorFolderTests {
  @Test func journalHoldsTheRun() async throws {
    let path = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let settings = testSettings(rounds: 2)
    let folder = try testFolder(path, settings: settings)
    let result = try await federation(testSites(), settings: settings, folder: folder).run()

    let lines = try lines(path)
    #expect(
      lines.map { $0["entry"] as? String } == ["run", "attendance", "round", "attendance", "round", "end"])
    #expect(lines.allSatisfy { $0["schema_version"] as? Int == 1 })
    #expect(lines[0]["config_digest"] as? String == "c0ffee")
    #expect(lines[0]["plan_digest"] as? String == Digest.hex(testIdentity.planDigest))
    #expect(lines[0]["strategy"] as? String == "fedavg")
    #expect(
      lines[0]["numerics"] as? [String: String]
        == [
          "mode": "portable", "kernels": "avx2", "openblas_core": "Haswell", "openblas_version": "0.3.21",
        ])
    let sites = try #require(lines[4]["sites"] as? [[String: Any]])
    let record = result.rounds[1]
    #expect(sites.map { $0["site"] as? String } == ["Alpha", "Beta", "Gamma"])
    #expect(sites.map { $0["steps"] as? Int } == [5, 5, 5])
    #expect(sites.map { $0["bytes_down"] as? Int } == record.sites.map(\.bytesDown))
    #expect(sites.map { $0["bytes_up"] as? Int } == record.sites.map(\.bytesUp))
    #expect(try scores(path, line: 4) == RoundScores(record))
    let traffic = try #require(lines[5]["traffic"] as? [[String: Any]])
    #expect(traffic.map { $0["bytes_up"] as? Int } == result.traffic.map(\.up))
    #expect(lines[5]["model_round"] as? Int == 2)
  }

  /// Recomputed here by what the format says, with nothing of its code.
  @Test func everyLineHoldsOnToTheOneBefore() async throws {
    let path = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let settings = testSettings(rounds: 2)
    _ = try await federation(
      testSites(), settings: settings, folder: try testFolder(path, settings: settings)
    )
    .run()
    let file = path + "/rounds.jsonl"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    var previous = ""
    for line in text.split(separator: "\n") {
      let chain = String(line.dropFirst(#"{"chain":""#.count).prefix(64))
      let rest = "{" + line.dropFirst(#"{"chain":"","#.count + 64)
      #expect(chain == Digest.sha256Hex(Data((previous + rest).utf8)))
      previous = chain
    }
    #expect(try RunJournal.firstBrokenLine(at: file) == nil)
    // Any line that is changed, left out or torn is found.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for index in 0..<6 {
      var changed = lines
      changed[index] = changed[index].replacing("\"schema_version\":1", with: "\"schema_version\":0")
      try changed.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
      #expect(try RunJournal.firstBrokenLine(at: file) == index + 1)
      var missing = lines
      missing.remove(at: index)
      try missing.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
      #expect(try RunJournal.firstBrokenLine(at: file) == (index == 5 ? nil : index + 1))
    }
    try String(text.dropLast(20)).write(toFile: file, atomically: true, encoding: .utf8)
    #expect(try RunJournal.firstBrokenLine(at: file) == 6)
  }

  @Test func equalRunsGiveEqualBytes() async throws {
    let paths = [temporaryFolder(), temporaryFolder()]
    defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
    let settings = testSettings(rounds: 2)
    for (path, sites) in zip(paths, [testSites(), testSites().reversed()]) {
      _ = try await federation(sites, settings: settings, folder: try testFolder(path, settings: settings))
        .run()
    }
    for name in ["rounds.jsonl", "model.safetensors"] {
      let files = try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0 + "/" + name)) }
      #expect(files[0] == files[1])
    }
  }

  @Test func modelFileIsTheChosenModel() async throws {
    let path = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let settings = testSettings(rounds: 3)
    let folder = try testFolder(path, settings: settings)
    let result = try await federation(testSites(), settings: settings, folder: folder).run()
    let file = try SafetensorsFile.read(folder.modelPath)
    #expect(file.tensors == result.model.tensors)
    #expect(file.tensors.map(\.name) == ["w", "b"])
    #expect(
      file.metadata == [
        "schema_version": "1", "run_id": "run-1", "round": "3", "plan": "widths: [8]",
        "plan_digest": Digest.hex(testIdentity.planDigest),
      ])
  }

  /// What a killed run leaves: whole rounds, the model of the last of them, no `end`.
  @Test func refusedRunKeepsEarlierRounds() async throws {
    let path = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    var settings = testSettings(rounds: 3)
    settings.minimumSites = 3
    let folder = try testFolder(path, settings: settings)
    var sites = testSites()
    sites[2].tamperMessage = { if $0.round == 2 { $0.payload[0] ^= 1 } }
    await #expect(throws: (any Error).self) {
      try await federation(sites, settings: settings, folder: folder).run()
    }
    #expect(try lines(path).map { $0["entry"] as? String } == ["run", "attendance", "round"])
    let one = try await federation(testSites(), settings: testSettings(rounds: 1)).run()
    #expect(try SafetensorsFile.read(folder.modelPath).tensors == one.model.tensors)
  }

  @Test func interruptedRunSaysSo() async throws {
    let path = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let settings = testSettings(rounds: 3)
    let log = MessageLog()
    var sites = testSites(log: log)
    sites[0].interruptsInRound = 3
    _ = try await federation(
      sites, settings: settings, folder: try testFolder(path, settings: settings),
      shouldStop: { log.entries.contains { $0.round == 3 } }
    ).run()
    let end = try #require(try lines(path).last)
    #expect(end["entry"] as? String == "end")
    #expect(end["interrupted_after_round"] as? Int == 2)
    #expect((end["test"] as? [Any])?.isEmpty == true)
  }

  @Test func neverOverwritesAJournal() throws {
    let path = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let settings = testSettings(rounds: 1)
    _ = try testFolder(path, settings: settings)
    #expect(throws: FileError.alreadyExists(path: path + "/rounds.jsonl")) {
      try testFolder(path, settings: settings)
    }
  }
}
