import Foundations
import Imaging

/// What one case is against a study's definitions. Stays at its site.
struct CaseFacts: Sendable {
  /// A definition that the case does not meet, by its name in the study.
  enum Departure: Sendable, Hashable {
    case missingContrast(String)
    case missingLabelMap
    case labelValues
    case unit(String)
    case voxelSize
    case unreadable

    /// Whether `--skip-bad-cases` leaves a case out for it.
    var isOfOneCase: Bool {
      switch self {
      case .missingContrast, .missingLabelMap, .unreadable: true
      case .labelValues, .unit, .voxelSize: false
      }
    }
  }

  private(set) var departures: Set<Departure> = []
  /// For the site's own eyes.
  private(set) var faults: [String] = []
  /// nil where there is no label map that can be read.
  private(set) var labels: Set<UInt16>?
  private(set) var profile: ContrastProfile?
  /// Values that the study does not have.
  private(set) var otherLabels: Set<UInt16> = []
  /// In mm, of all files.
  private(set) var edges: (least: Double, most: Double)?

  init(_ item: CaseFiles, study: StudyFile, looks: Bool) {
    let contrasts = item.images.flatMap { (try? CaseLoader.contrastNames(of: $0)) ?? [$0.contrast] }
    for contrast in study.features.contrasts where !contrasts.contains(contrast) {
      note(.missingContrast(contrast), "no scan of \(contrast)")
    }
    for path in item.paths where !PNG.isNamed(path) { inspectHeader(path, study) }
    guard let path = item.label else {
      note(.missingLabelMap, "no label map")
      return
    }
    do {
      let map = try CaseLoader.readLabels(path)
      labels = map.values
      otherLabels = map.values.subtracting(study.labels.map(\.value))
      if !otherLabels.isEmpty {
        note(
          .labelValues,
          "\(path): label values \(otherLabels.sorted().map(String.init).joined(separator: ", ")), which the study has not"
        )
      }
    } catch {
      note(.unreadable, (error as? any DescribedError)?.description ?? "\(path) cannot be read")
    }
    if looks && departures.isDisjoint(with: [.unreadable]) { look(item, study) }
  }

  private mutating func note(_ departure: Departure, _ fault: String) {
    departures.insert(departure)
    faults.append(fault)
  }

  private mutating func inspectHeader(_ path: String, _ study: StudyFile) {
    do {
      let header = try NIfTI.header(path)
      if let unit = header.lengthUnit, unit != "mm" {
        note(.unit(unit), "\(path): the header's unit of length is \(unit), mm are taken all the same")
      }
      let spacing = try header.affine(path: path).spacing
      edges = (min(edges?.least ?? .infinity, spacing.min()), max(edges?.most ?? 0, spacing.max()))
      if let range = study.features.voxelEdges, spacing.min() < range[0] || spacing.max() > range[1] {
        note(.voxelSize, "\(path): voxels of \(spacing.x)×\(spacing.y)×\(spacing.z) mm")
      }
    } catch {
      note(.unreadable, (error as? any DescribedError)?.description ?? "\(path) cannot be read")
    }
  }

  /// Reads the scans. One that cannot be read is a fault; grids that differ, training tells of.
  private mutating func look(_ item: CaseFiles, _ study: StudyFile) {
    do {
      let loaded = try CaseLoader.loadCase(item)
      let scans = study.features.contrasts.compactMap { contrast in
        loaded.contrasts.firstIndex(of: contrast).map { loaded.images[$0] }
      }
      guard let map = loaded.labels, scans.count == study.features.contrasts.count else { return }
      profile = ContrastProfile(
        scans: scans, map: map, labels: study.labels.map(\.value).filter { $0 != 0 })
    } catch {
      note(.unreadable, (error as? any DescribedError)?.description ?? "a scan cannot be read")
    }
  }

  // MARK: All of a site's

  /// What the site's cases depart in, each kind once, with how many do.
  static func problems(
    _ cases: [CaseFacts], study: StudyFile, leastCell: Int, skipsBadCases: Bool
  ) -> [SiteReport.Problem] {
    var counts: [Departure: Int] = [:]
    for departure in cases.flatMap(\.departures) { counts[departure, default: 0] += 1 }
    // Single cases that will be left out are no matter of definitions; all of them are.
    return counts.filter { !(skipsBadCases && $0.key.isOfOneCase && $0.value < cases.count) }.map {
      departure, count in
      let cells = CellCount(count, least: leastCell)
      let all = count == cases.count ? "all cases" : "\(cells) cases"
      return problem(departure, all, cases, study)
    }.sorted { ($0.definition, $0.found) < ($1.definition, $1.found) }
  }

  private static func problem(
    _ departure: Departure, _ count: String, _ cases: [CaseFacts], _ study: StudyFile
  ) -> SiteReport.Problem {
    switch departure {
    case .missingContrast(let contrast):
      return .init(
        definition: "features.contrasts", found: "no \(contrast) in \(count)",
        expected: study.features.contrasts.joined(separator: ", "))
    case .missingLabelMap:
      return .init(definition: "labels", found: "no label map in \(count)", expected: "one for each case")
    case .labelValues:
      let values = cases.reduce(into: Set<UInt16>()) { $0.formUnion($1.otherLabels) }.sorted()
      return .init(
        definition: "labels",
        found: "the values \(values.map(String.init).joined(separator: ", ")) in \(count)",
        expected: study.labels.map { "\($0.value) \($0.name)" }.joined(separator: ", "))
    case .unit(let unit):
      return .init(
        definition: "features, units", found: "voxel sizes in \(unit) in \(count)",
        expected: "mm: mend the headers")
    case .voxelSize:
      let found = cases.compactMap(\.edges)
      let range = study.features.voxelEdges ?? []
      return .init(
        definition: "features.voxel_mm",
        found:
          "edges of \(text(found.map(\.least).min())) to \(text(found.map(\.most).max())) mm, outside in \(count)",
        expected: range.map { text($0) }.joined(separator: " to ") + " mm (other units?)")
    case .unreadable:
      return .init(
        definition: "cases", found: "files that cannot be read in \(count)", expected: "none")
    }
  }

  private static func text(_ value: Double?) -> String {
    guard let value else { return "?" }
    return "\((value * 10_000).rounded() / 10_000)"
  }
}
