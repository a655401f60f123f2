import Experiment
import Foundation
import Foundations
import Harmonization
import Imaging
import Inspection
import Training

/// Grids and intensities of a run's scans, site by site, as they lie on disk and as training sees them. Sums and samples over a site's
/// cases; no case by itself.
struct DataLook: Sendable {
  /// Cases of a site that are read at most, evenly chosen.
  static let mostCases = 8
  /// Voxels of a scan that go into a histogram.
  private static let sampled = 4000

  struct Site: Sendable {
    let name: String
    var cases = 0
    /// In mm along the patient's axes, of each case's first scan.
    var spacing = [Moments](repeating: Moments(), count: 3)
    var orientations: [String: Int] = [:]
    /// By contrast.
    var before: [String: Intensities] = [:]
    var after: [String: Intensities] = [:]
  }

  /// Voxels of the brain, of one contrast.
  struct Intensities: Sendable {
    /// A sample over all cases.
    var voxels: [Float] = []
    /// Each case's median, and 10th to 90th percentile.
    var medians = Moments()
    var spreads = Moments()

    mutating func add(_ sample: [Float]) {
      guard !sample.isEmpty else { return }
      voxels += sample
      let sorted = sample.map(Double.init).sorted()
      medians.add(sorted.percentile(50))
      spreads.add(sorted.percentile(90) - sorted.percentile(10))
    }
  }

  let sites: [Site]
  let contrasts: [String]

  /// Reads cases of the run; nil where its data is not here. A case that cannot be read is passed over.
  init?(_ run: RecordedRun, data: String?, threads: Int, console: Console) {
    let configuration = run.configuration
    let path = data ?? configuration.data
    let layout = configuration.layout.flatMap { DatasetLayout(rawValue: $0) }
    guard !path.isEmpty, let found = try? DatasetFolder.discover(path, layout: layout, requireLabels: false)
    else {
      return nil
    }
    let plan = configuration.plan
    let chosen = Self.chosen(run, in: found)
    guard chosen.contains(where: { !$0.cases.isEmpty }) else { return nil }
    let work = chosen.flatMap { site in site.cases.map { (site: site.name, files: $0) } }
    let progress = console.progress("reading scans", total: work.count)
    defer { progress.finish() }
    let loop = ParallelLoop(threads: threads)
    // None throws: what cannot be read is nil.
    let looks =
      (try? loop.map(work.count) { index -> CaseSample? in
        defer { progress.advance(note: work[index].site) }
        return try? CaseSample(work[index].files, plan: plan, count: Self.sampled)
      }) ?? []
    sites = chosen.map { site in
      var sum = Site(name: site.name)
      for (item, look) in zip(work, looks) where item.site == site.name {
        if let look { sum.add(look, contrasts: plan.contrasts) }
      }
      return sum
    }
    contrasts = plan.contrasts
  }

  /// Some of each site's cases, those that are in the run.
  private static func chosen(_ run: RecordedRun, in found: DatasetFolder) -> [(
    name: String, cases: [CaseFiles]
  )] {
    let folder = RunFolder(path: run.path)
    return run.configuration.sites.map { site in
      let table = try? folder.table("cases.csv", of: site)
      let names = table.flatMap { table in
        table.column("case").map { column in Set(table.rows.map { $0[column] }) }
      }
      // Sites that were dealt from a data set without any are no folders there.
      let own = found.sites.first { $0.name == site }?.cases ?? found.sites.flatMap(\.cases)
      let cases = own.filter { names?.contains($0.name) ?? found.sites.contains { $0.name == site } }
      guard cases.count > mostCases else { return (site, cases) }
      return (site, (0..<mostCases).map { cases[$0 * (cases.count - 1) / (mostCases - 1)] })
    }
  }

  /// The correlation ratio η² of a feature of every contrast; nil where no site has a value.
  func heterogeneity(_ feature: (Site) -> [Moments]) -> Double? {
    let groups = sites.map(feature)
    guard let count = groups.first?.count, groups.joined().contains(where: { $0.count > 0 }) else {
      return nil
    }
    return Heterogeneity.correlationRatio((0..<count).map { index in groups.map { $0[index] } })
  }

  /// What sites that do not differ would show.
  var byChance: Double {
    let counts = sites.map(\.cases).filter { $0 > 0 }
    let cases = counts.reduce(0, +)
    return cases > 1 ? Double(counts.count - 1) / Double(cases - 1) : 0
  }
}

extension DataLook.Site {
  fileprivate mutating func add(_ look: CaseSample, contrasts: [String]) {
    cases += 1
    for axis in 0..<3 { spacing[axis].add(look.spacing[axis]) }
    orientations[look.orientation, default: 0] += 1
    for (index, contrast) in contrasts.enumerated() {
      before[contrast, default: .init()].add(look.before[index])
      after[contrast, default: .init()].add(look.after[index])
    }
  }
}

/// What of one case goes into its site's sums.
private struct CaseSample: Sendable {
  let spacing: SIMD3<Double>
  let orientation: String
  /// Voxels of the brain, one list for each contrast.
  let before: [[Float]]
  let after: [[Float]]

  /// Throws `FileError`, `ImagingError` or `PreparationError`.
  init(_ files: CaseFiles, plan: TrainingPlan, count: Int) throws {
    var policy = CasePolicy.strict
    policy.allowsLabelsOutsideBrain = true
    let read = try ReadCase(files, plan: plan, policy: policy, needsLabels: false, loop: .serial)
    let geometry = read.input.images[0].geometry
    let permutation = geometry.affine.permutationToRAS
    spacing = SIMD3((0..<3).map { geometry.spacing[permutation.sources[$0]] })
    orientation = geometry.affine.orientation
    before = read.input.images.map { image in Self.sample(image.voxels.lazy.filter { $0 != 0 }, count: count)
    }
    // With a label map, if an empty one, what lies outside the brain is marked: resampling leaves values near 0 there.
    let input = HarmonizationInput(
      contrasts: read.input.contrasts, images: read.input.images,
      labels: LabelVolume(geometry: geometry, labels: [UInt16](repeating: 0, count: geometry.count)),
      mask: read.input.mask)
    let harmonized = try read.naming {
      try Harmonizer.harmonize(input, to: read.grid, settings: plan.harmonisation, loop: .serial)
    }
    let marks = harmonized.labels.map(\.array) ?? []
    after = (0..<harmonized.channels).map { channel in
      let voxels = harmonized.volume(channel: channel).voxels
      return Self.sample(
        zip(voxels, marks).lazy.filter { $1 != HarmonizedCase.outside }.map(\.0), count: count)
    }
  }

  /// Evenly spread over the voxels.
  private static func sample(_ voxels: some Sequence<Float>, count: Int) -> [Float] {
    let all = Array(voxels)
    guard all.count > count else { return all }
    return (0..<count).map { all[$0 * all.count / count] }
  }
}
