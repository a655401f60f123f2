import Experiment
import Foundations
import Simulation
import Synchronization
import TestSupport

/// A few small simulated sites on disk and a plan that trains on them in a second.
final class SimulatedStudy: Sendable {
  let folder: TemporaryFolder
  /// Shared by all studies with as many cases: it is only read.
  let data: String
  let plan: String

  /// Simulated once in a process, by cases per site: a brain takes far longer to make than to train on.
  private static let sites = Mutex<[Int: TemporaryFolder]>([:])

  private static func simulated(casesPerSite: Int) throws -> String {
    try sites.withLock { sites in
      if let made = sites[casesPerSite] { return made.file("data") }
      let folder = try TemporaryFolder()
      try Simulator.run(
        SimulationRequest(
          profile: .demo, seed: 3, output: folder.file("data"), casesPerSite: casesPerSite,
          grid: .custom(size: SIMD3(24, 28, 24), spacing: SIMD3(repeating: 7)), threads: 2))
      sites[casesPerSite] = folder
      return folder.file("data")
    }
  }

  init(casesPerSite: Int = 4) throws {
    folder = try TemporaryFolder()
    data = try Self.simulated(casesPerSite: casesPerSite)
    plan = try folder.write(
      Array(
        """
        schema_version: 1
        name: tiny
        dimensions: 3
        patch: [16, 16, 16]
        batch: 2
        network: {widths: [4, 8], convolutions_per_stage: 1}
        optimizer: {name: adam, learning_rate: 0.01, weight_decay: 0, momentum: 0.9}
        foreground_oversampling: 0.5
        mirror: [x]
        rounds: 2
        local_steps: 2
        split: {validation: 0.25, test: 0.25}

        """.utf8), "plan.yaml")
  }

  func request(_ output: String, threads: Int = 2) -> RunRequest {
    var request = RunRequest(data: data, output: folder.file(output), threads: threads)
    request.plan = plan
    return request
  }
}
