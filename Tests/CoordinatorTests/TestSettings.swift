import Coordinator
import FederationProtocol
import Foundation
import Foundations

let testIdentity = RunIdentity(
  runID: "run-1", planDigest: Digest.sha256([1]), studyDigest: Digest.sha256([2]))

let startModel = ModelState(ranges: quadraticRanges, values: [4, -3, 0.5])

func testSettings(rounds: Int, steps: Int = 5, choice: ModelChoice = .last) -> FederationSettings {
  FederationSettings(
    identity: testIdentity, rounds: rounds, budget: .steps(steps), seed: 7, modelChoice: choice)
}

func testSites(log: MessageLog = MessageLog()) -> [QuadraticSite] {
  [
    QuadraticSite(site: "Alpha", centre: [1, 2, 3], cases: 5, identity: testIdentity, log: log),
    QuadraticSite(site: "Beta", centre: [-1, 0.3, 7], cases: 1, identity: testIdentity, log: log),
    QuadraticSite(site: "Gamma", centre: [0.1, -4, 1], cases: 11, identity: testIdentity, log: log),
  ]
}

func federation(
  _ sites: [QuadraticSite], settings: FederationSettings, folder: CoordinatorFolder? = nil,
  shouldStop: @escaping @Sendable () -> Bool = { false }
) throws -> Federation {
  try Federation(
    settings: settings, strategy: FederatedAveraging(), trainers: sites,
    evaluators: sites.map { Evaluator($0) }, initialModel: startModel, folder: folder, shouldStop: shouldStop)
}

/// A new folder under the machine's temporary one; the caller removes it.
func temporaryFolder() -> String {
  FileManager.default.temporaryDirectory.appendingPathComponent("coordinator-\(UUID().uuidString)").path
}

let testNumerics = Numerics(
  mode: .portable, kernels: "avx2", openblasCore: "Haswell", openblasVersion: "0.3.21")

func testFolder(_ path: String, settings: FederationSettings) throws -> CoordinatorFolder {
  let header = JournalHeader(
    settings: settings, strategy: .fedAvg, configDigest: "c0ffee", numerics: testNumerics)
  return try CoordinatorFolder.open(path: path, header: header, modelMetadata: ["plan": "widths: [8]"])
}
