import Foundation
import Foundations
import Imaging
import Simulation
import TestSupport

/// Simulated sites so small that a run takes a fraction of a second, and a plan for them.
struct TinySites {
  /// Two sites of three cases each, in other orientations and other forms of header; read only.
  static let shared = Result { try TinySites(sites: ["birch", "hazel"]) }
  /// All six of the demo's sites with one case each; read only.
  static let oneCaseEach = Result { try TinySites(sites: nil, cases: 1) }
  /// Two sites of PNG slices; read only.
  static let slices = Result { try TinySites(sites: ["birch", "hazel"], profile: .slices2d) }

  private let folder: TemporaryFolder
  let plan: String
  var data: String { folder.file("data") }

  private init(sites: [String]?, cases: Int = 3, profile: Profile = .demo) throws {
    folder = try TemporaryFolder()
    let isPlanar = profile != .demo
    let request = SimulationRequest(
      profile: profile, seed: 5, output: folder.file("data"), casesPerSite: cases,
      grid: .custom(size: SIMD3(24, 28, isPlanar ? 8 : 24), spacing: SIMD3(repeating: 7)), threads: 2)
    try Simulator.run(request)
    for site in request.sites().map(\.name) where sites?.contains(site) == false {
      try FileManager.default.removeItem(atPath: folder.file("data/" + site))
    }
    plan = try folder.write(
      Data(Self.planText(patch: isPlanar ? [16, 16, 1] : [16, 16, 16]).utf8), "plan.yaml")
  }

  /// A plan of two stages and one round of one step.
  static func planText(
    patch: [Int] = [16, 16, 16], widths: [Int] = [4, 8], rounds: Int = 1, more: String = ""
  ) -> String {
    """
    schema_version: 1
    name: tiny
    dimensions: \(patch[2] == 1 ? 2 : 3)
    patch: [\(patch.map(String.init).joined(separator: ", "))]
    batch: 1
    network:
      widths: [\(widths.map(String.init).joined(separator: ", "))]
      convolutions_per_stage: 1
    optimizer: {name: adam, learning_rate: 0.003, weight_decay: 0, momentum: 0.9}
    foreground_oversampling: 0.5
    mirror: [x]
    rounds: \(rounds)
    local_steps: 1
    split: {validation: 0.2, test: 0.2}
    \(more)

    """
  }

  /// A copy of the sites in `target`, to be damaged.
  func copy(to target: TemporaryFolder) throws -> String {
    let path = target.file("data")
    try FileManager.default.copyItem(atPath: data, toPath: path)
    return path
  }

  /// What every short run is given.
  func train(output: String, _ more: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess.run(
      ["train", "--data", data, "--output", output, "--plan", plan, "--threads", "2"] + more)
  }
}
