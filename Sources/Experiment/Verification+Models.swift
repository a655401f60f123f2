import Coordinator
import Foundation
import Foundations
import Interchange

extension Verification {
  /// The model files hold the weights that the journals state, sites' own ones those of the run made again in `again`.
  ///
  /// Says whether the run came to its end. Throws `FileError`, and `ExperimentError.notVerified` naming a file.
  func checkModels(again: String) throws -> Bool {
    let ends = try journals.map { try checkModel($0) }
    let isFinished = ends.allSatisfy { $0 != nil }
    if !isFinished, FileManager.default.fileExists(atPath: run.metrics) {
      let cut = zip(journals, ends).first { $0.1 == nil }?.0 ?? ""
      throw ExperimentError.notVerified(
        path: journal(cut), found: "it has no end, and yet \(run.metrics) says that the run is whole")
    }
    if isFinished { try checkSites(again: again, shared: ends.first ?? nil) }
    return isFinished
  }

  /// Compares a journal's model file with its rounds; the digest of the last model, nil where the run did not come to its end.
  private func checkModel(_ folder: String) throws -> String? {
    let path = "\(run.path)/\(folder)/model.safetensors"
    let digests = try RunJournal.replay(at: journal(folder)).modelDigests
    let end = try RunJournal.end(at: journal(folder))
    guard FileManager.default.fileExists(atPath: path) else {
      if end == nil || digests.isEmpty { return nil }
      throw ExperimentError.notVerified(path: path, found: "it is missing")
    }
    let file = try SafetensorsFile.read(path)
    let round = file.metadata["round"].flatMap(Int.init)
    // A process that was killed may have written a round's model and not its line.
    if end == nil, let round, round > digests.count { return nil }
    if let end, round != end.modelRound {
      throw ExperimentError.notVerified(
        path: path,
        found: "it names round \(round.map(String.init) ?? "none"), the journal ends with the model of round "
          + "\(end.modelRound)")
    }
    let digest = Self.digest(of: file)
    guard let round, digests.indices.contains(round - 1), digests[round - 1] == digest else {
      throw ExperimentError.notVerified(
        path: path, found: "it does not hold the weights of the round that it names")
    }
    return end != nil && end?.interruptedAfterRound == nil ? digest : nil
  }

  /// A site's half may have been deleted; a model that is there is what the site was tested with.
  private func checkSites(again: String, shared: String?) throws {
    for name in run.sites where !journals.contains("sites/" + name) {
      let path = run.site(name) + "/model.safetensors"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      var expected = shared
      let other = RunFolder(path: again).site(name) + "/model.safetensors"
      if configuration.leavesSitesTheirOwn, FileManager.default.fileExists(atPath: other) {
        expected = Self.digest(of: try SafetensorsFile.read(other))
      }
      guard try Self.digest(of: SafetensorsFile.read(path)) != expected else { continue }
      throw ExperimentError.notVerified(path: path, found: "it does not hold what the site was tested with")
    }
  }

  private static func digest(of file: SafetensorsFile) -> String {
    Digest.sha256Hex(FloatBytes.data(file.tensors.flatMap(\.values)))
  }
}

extension RunConfiguration {
  /// Whether a site's last model may be another than the coordinator's.
  var leavesSitesTheirOwn: Bool { strategy?.descriptor.isPersonal == true || fineTuneSteps != nil }
}
