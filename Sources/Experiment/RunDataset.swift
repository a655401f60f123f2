import Coordinator
import Foundations
import Imaging
import Study
import Training

/// A run's data set as it was found: sites and cases, and the plan that fits them. No scan has been read.
package struct RunDataset: Sendable {
  /// Without cases that were left out.
  package let folder: DatasetFolder
  package let plan: TrainingPlan
  /// The plan's file, or which built-in one, for messages.
  package let planName: String
  package let tuning: TuningTable?
  package let skipped: SkippedCases
  /// Which cases of each site are in the study; empty without one.
  package let cohorts: [SiteCheck]

  /// Finds the data, says what was found, and fits the plan to it.
  ///
  /// What can be known before a scan is read is checked: output, tuning table, plan, headers, label maps, memory.
  /// Throws what discovery and plan throw.
  package static func find(_ request: RunRequest, console: Console) throws -> RunDataset {
    let loop = ParallelLoop(threads: request.threads)
    let folder = RunFolder(path: request.output)
    if request.resume { try folder.checkResumable() } else { try folder.checkAvailable(force: request.force) }
    try OutputCheck.writable(request.output + "/config.yaml")
    let cohorts = try StudyRun.cohorts(request, console: console)
    var request = request
    request.excluded.formUnion(cohorts.flatMap(\.excluded))
    let tuning = try request.tuning.map { try TuningTable.read($0) }
    let skipped = SkippedCases(allowed: request.policy.skipsBadCases)
    let found = try request.dataset(skipping: skipped)
    console.tell(found.summary(path: request.data))
    if let test = request.test {
      try FrozenTest.check(test, request, data: found)
    }
    var (plan, name) =
      try request.resolvedPlan.map { ($0, $0.name) }
      ?? PlanResolution(request).plan(for: found, skipping: skipped, loop: loop)
    if request.test != nil { plan.split.test = 0 }
    _ = try PlanError.naming(name) { try request.networks(plan, tuning: nil).checkTraining(plan) }
    if let tuning, let file = request.tuning { try tuning.checkServes(plan, isTraining: true, file: file) }
    let dataset = RunDataset(
      folder: found.without(skipped), plan: plan, planName: name, tuning: tuning, skipped: skipped,
      cohorts: cohorts)
    if request.resume { try dataset.checkContinues(request, folder) }
    return dataset
  }

  /// Throws where the run that is to be resumed was begun with other settings, before scans are read.
  private func checkContinues(_ request: RunRequest, _ run: RunFolder) throws {
    guard let earlier = try run.begun() else { return }
    try RunConfiguration(
      request, plan: plan, sites: folder.sites.map(\.name), tuning: tuning, recomputed: []
    ).checkContinues(earlier, path: run.configuration, ignoringAtlas: true)
  }

  /// Indices of a site's cases that were read.
  func kept(at site: String) -> [Int] {
    let out = Set(skipped.cases.filter { $0.site == site }.map(\.name))
    let cases = folder.sites.first { $0.name == site }?.cases ?? []
    return cases.indices.filter { !out.contains(cases[$0].name) }
  }
}

/// Which plan a user asks for: a file or the built-in one, with what flags put in its place.
struct PlanResolution {
  var file: String?
  /// A study's plan, instead of `file`, with how messages name it.
  var study: (plan: PlanFile, name: String)?
  var choice = HarmonizationChoice()
  var rounds: Int?
  var budget: LocalBudget?
  /// Whether the plan is to be trained, not only harmonised for.
  var needsLabels = true

  /// The plan for a data set, and its name in messages. Throws `FileError`, `ImagingError` or `PlanError`.
  func plan(
    for data: DatasetFolder, skipping skipped: SkippedCases, loop: ParallelLoop
  ) throws -> (plan: TrainingPlan, name: String) {
    let asked = try study ?? file.map { try BuiltInPlans.find($0) }
    let given = asked?.plan
    let named = given?.labels.map { labels in Set(labels.map(\.value)) }
    let found = try DataFingerprint.of(data, allowedLabels: named, skipping: skipped, loop: loop)
    let fingerprint = needsLabels ? found : found.labelled
    var wanted = given ?? BuiltInPlans.fitting(fingerprint)
    wanted.harmonisation = (wanted.harmonisation ?? HarmonizationChoice()).overridden(by: choice)
    let name = asked?.name ?? "built-in plan \(wanted.name)"
    let plan = try PlanError.naming(name) {
      try adjusted(wanted.resolved(for: fingerprint, file: name), name: name)
    }
    return (plan, name)
  }

  /// The plan of a coordinator that has no data, and its name in messages. Throws `FileError` or `PlanError`.
  func planWithoutData() throws -> (plan: TrainingPlan, name: String) {
    guard let asked = try study ?? file.map({ try BuiltInPlans.find($0) }) else {
      throw PlanError.needsData(file: "--plan", fields: ["plan"])
    }
    var (wanted, name) = asked
    wanted.harmonisation = (wanted.harmonisation ?? HarmonizationChoice()).overridden(by: choice)
    let plan = try PlanError.naming(name) {
      try adjusted(wanted.resolvedWithoutData(file: name), name: name)
    }
    return (plan, name)
  }

  private func adjusted(_ plan: TrainingPlan, name: String) throws -> TrainingPlan {
    var plan = plan
    if let rounds { plan.rounds = rounds }
    if case .steps(let steps) = budget { plan.localSteps = steps }
    try plan.validate(file: name)
    return plan
  }
}

extension PlanResolution {
  /// As a run asks for it.
  init(_ request: RunRequest) {
    self.init(
      file: request.plan, study: request.study.map { ($0.plan, $0.path) }, choice: request.harmonisation,
      rounds: request.rounds, budget: request.budget)
  }
}
