import Coordinator
import FederationProtocol
import Fingerprint
import Foundation
import Foundations
import Imaging
import Planning
import Site
import Training

/// `segfed plan`: sites tell statistics of their scans in messages, and a plan is made from them.
package enum PlanRun {
  package struct Request: Sendable {
    package var data: String
    package var layout: DatasetLayout?
    /// The file to write.
    package var output: String
    /// nil: 3, and 2 for single slices.
    package var dimensions: Int?
    package var encoder = PlannedNetwork.Encoder.plain
    package var baseFeatures = 32
    /// Bytes; nil: 8 GB, where no other budget is set.
    package var memory: Int?
    /// A ceiling on a training step.
    package var stepSeconds: Double?
    /// What training may take at each site: sets the rounds.
    package var hours: Double?
    /// nnU-Net's own budget in GB, instead of this machine's.
    package var nnunetBudget: Double?
    /// How fast the engine is; nil: it is measured where a time is asked for or shown.
    package var gigaflops: Double?
    package var policy = CasePolicy.strict
    package var loadingMemory: Int?
    package var threads: Int
    package var force = false

    package init(data: String, output: String, threads: Int) {
      (self.data, self.output, self.threads) = (data, output, threads)
    }
  }

  /// nnU-Net's target too.
  static let standardMemory = 8_000_000_000

  /// Writes the plan, and prints what it was made from and what it takes.
  ///
  /// Throws the modules' described errors, and `StoppedByUser`; nothing is written then.
  @discardableResult
  package static func execute(_ request: Request, console: Console) async throws -> PlanSummary {
    let loop = ParallelLoop(threads: request.threads)
    if !request.force && FileManager.default.fileExists(atPath: request.output) {
      throw FileError.alreadyExists(path: request.output)
    }
    try OutputCheck.writable(request.output)
    let skipped = SkippedCases(allowed: request.policy.skipsBadCases)
    let found = try DatasetFolder.discover(
      request.data, layout: request.layout, requireLabels: true, skipping: skipped)
    console.tell(found.summary(path: request.data))
    // Contrasts, labels and names, as training without a plan finds them.
    let base = try PlanResolution(needsLabels: false).plan(for: found, skipping: skipped, loop: loop).plan
    var reading = CaseReading(plan: base, loop: loop)
    reading.policy = request.policy
    reading.memoryCeiling = request.loadingMemory
    let traffic = TrafficMeter()
    let data = try await gather(found.without(skipped), reading, skipping: skipped, traffic, console: console)
    let planned = try plan(
      data, request: request, base: base, trainsRegions: !found.regions.isEmpty, loop: loop)
    let yaml = planned.draft.yaml()
    try check(yaml, data: data, base: base, file: request.output)
    try Folder.make(URL(fileURLWithPath: request.output).deletingLastPathComponent().path)
    try AtomicFile.write(yaml, to: request.output)
    let summary = PlanSummary(
      draft: planned.draft, cost: planned.cost, speed: planned.speed, traffic: traffic.snapshot(),
      skipped: skipped.cases.counts, output: request.output)
    console.print(console.isJSON ? summary.json().rendered() : summary.text())
    return summary
  }

  /// What all sites' scans are like.
  struct GatheredData: Sendable {
    let statistics: DataStatistics
    let spacing: SIMD3<Double>?
    /// At that spacing.
    let medianSize: SIMD3<Double>
  }

  private static func gather(
    _ data: DatasetFolder, _ reading: CaseReading, skipping skipped: SkippedCases, _ traffic: TrafficMeter,
    console: Console
  ) async throws -> GatheredData {
    let progress = console.progress("looking at scans", total: data.sites.reduce(0) { $0 + $1.cases.count })
    defer { progress.finish() }
    let digest = reading.plan.canonicalDigest
    let identity = RunIdentity(
      runID: "plan-" + String(Digest.hex(digest).prefix(16)), planDigest: digest, studyDigest: digest)
    let exchange = FingerprintExchange(
      identity: identity, contrasts: reading.plan.contrasts,
      sites: data.sites.map {
        FingerprintNode(
          site: $0.name, cases: $0.cases, reading: reading, identity: identity, skipped: skipped,
          progress: progress)
      }, meter: traffic)
    do {
      let statistics = try await exchange.statistics()
      if statistics.cases == 0 { throw ImagingError.noCases(path: data.sites.first?.path ?? "") }
      guard !statistics.labels.isEmpty else {
        throw PlanningError.noForeground(cases: statistics.cases)
      }
      let spacing = statistics.targetSpacing
      guard let median = try await exchange.sizes(at: spacing).percentile(50) else {
        throw ImagingError.noCases(path: data.sites.first?.path ?? "")
      }
      return GatheredData(statistics: statistics, spacing: spacing, medianSize: median)
    } catch is CancellationError {
      throw StoppedByUser(kept: "Nothing was written.")
    }
  }

  private static func plan(
    _ data: GatheredData, request: Request, base: TrainingPlan, trainsRegions: Bool, loop: ParallelLoop
  ) throws -> (draft: PlanDraft, cost: NetworkCost, speed: EngineSpeed) {
    let isPlanar = data.statistics.isPlanar
    let dimensions = request.dimensions ?? (isPlanar ? 2 : 3)
    if dimensions == 3 && isPlanar { throw PlanningError.planar }
    let speed =
      try request.gigaflops.map { EngineSpeed(gigaflops: $0) }
      ?? EngineSpeed.measure(
        dimensions: dimensions, baseFeatures: request.baseFeatures, contrasts: base.contrasts.count,
        loop: loop)
    let memory = request.memory ?? (request.stepSeconds == nil ? standardMemory : nil)
    let machine = MachineBudget(
      contrasts: base.contrasts.count, outputs: trainsRegions ? base.regions.count : base.labels.count,
      threads: request.threads, memory: memory, stepSeconds: request.stepSeconds, speed: speed)
    let budget: any PlanningBudget =
      request.nnunetBudget.map { NNUNetBudget(gigabytes: $0, labels: base.labels.count) } ?? machine
    let network = try NetworkPlanner(
      dimensions: dimensions, encoder: request.encoder, baseFeatures: request.baseFeatures, budget: budget
    ).network(spacing: data.spacing ?? .one, medianSize: data.medianSize, cases: data.statistics.cases)
    let cost = try machine.cost(of: network)
    var rounds = PlanDraft.mostRounds
    if let hours = request.hours {
      let fitting = hours * 3600 / (speed.seconds(cost.multiplyAdds) * Double(PlanDraft.localSteps))
      rounds = max(1, min(rounds, Int(fitting)))
    }
    let draft = PlanDraft(
      name: "planned", statistics: data.statistics, spacing: data.spacing, medianSize: data.medianSize,
      network: network, plan: base, trainsRegions: trainsRegions, rounds: rounds,
      budget: budgetText(request, memory: memory, speed: speed))
    return (draft, cost, speed)
  }

  private static func budgetText(_ request: Request, memory: Int?, speed: EngineSpeed) -> String {
    if let gigabytes = request.nnunetBudget { return "nnU-Net's own budget of \(gigabytes) GB" }
    let parts = [
      memory.map { "\(ByteCount.text($0)) of memory" },
      request.stepSeconds.map { "\($0) s a step at \(Int(speed.gigaflops)) GFLOP/s" },
    ]
    return parts.compactMap { $0 }.joined(separator: " and ")
  }

  /// What was written is what training accepts. Throws `PlanError`.
  private static func check(_ yaml: String, data: GatheredData, base: TrainingPlan, file: String) throws {
    let fingerprint = DataFingerprint(
      contrasts: base.contrasts, labelValues: base.labelValues, medianSpacing: data.spacing,
      medianSize: SIMD3<Int>(data.medianSize.rounded(.toNearestOrAwayFromZero)))
    try PlanError.naming(file) {
      _ = try PlanFile.parse(yaml, file: file).resolved(for: fingerprint, file: file)
    }
  }
}
