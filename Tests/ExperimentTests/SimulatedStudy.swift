import Experiment
import Foundations
import Simulation
import TestSupport

/// A few small simulated sites on disk and a plan that trains on them in a second.
final class SimulatedStudy: Sendable {
  let folder: TemporaryFolder
  let data: String
  let plan: String

  init(casesPerSite: Int = 4) throws {
    folder = try TemporaryFolder()
    data = folder.file("data")
    try Simulator.run(
      SimulationRequest(
        profile: .demo, seed: 3, output: data, casesPerSite: casesPerSite,
        grid: .custom(size: SIMD3(24, 28, 24), spacing: SIMD3(repeating: 7)), threads: 2))
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
