import Experiment
import Foundations
import Inspection
import Pages
import Plots

/// What the sites' data is like: how many cases came to be used, grids, intensities before and after harmonisation, heterogeneity.
struct DataSection {
  private let run: RecordedRun
  private let look: DataLook?

  init(_ run: RecordedRun, look: DataLook?) { (self.run, self.look) = (run, look) }

  /// nil where nothing is known of cases.
  var section: Page.Section? {
    var blocks: [Page.Block] = []
    var figures: [Figure] = [flowFigure].compactMap { $0 }
    if let look {
      figures.append(heterogeneityFigure(look))
      blocks.append(.figures(figures))
      blocks.append(.table(gridTable(look)))
      blocks.append(.heading("Intensities before and after harmonisation"))
      blocks.append(.figures(look.contrasts.flatMap { histograms($0, look) }))
    } else if !figures.isEmpty {
      blocks.append(.figures(figures))
      blocks.append(
        .paragraph(
          "Scans were not looked at: the run's data is not here (or --no-data was given), so there are no histograms."
        ))
    }
    if let table = cohortTable { blocks.append(.table(table)) }
    return blocks.isEmpty ? nil : Page.Section(id: "data", title: "Data", blocks: blocks)
  }

  // MARK: - Cases

  private static let parts = ["training", "validation", "test", "none"]

  /// Cases by site and what became of them; nil where the sites' half is elsewhere.
  private var flowFigure: Figure? {
    let sites = run.parts.keys.sorted()
    if sites.isEmpty { return nil }
    let skipped = run.metrics?.skipped ?? [:]
    var marks: [Chart.Mark] = []
    var table = DataTable(columns: [
      .init("site"), .init("found and fit for use"), .init("training"), .init("validation"), .init("test"),
      .init("not used"),
      .init("left out for a fault"),
    ])
    var sums = [Int](repeating: 0, count: Self.parts.count + 1)
    for (row, site) in sites.enumerated() {
      let counts = Self.parts.map { run.parts[site]?[$0] ?? 0 } + [skipped[site] ?? 0]
      for (index, count) in counts.enumerated() { sums[index] += count }
      var start = 0
      for (series, count) in counts.enumerated() where count > 0 {
        let names = Self.parts.dropLast() + ["not used", "left out for a fault"]
        marks.append(
          .bar(
            from: .init(Double(start), Double(row)), to: .init(Double(start + count), Double(row)),
            series: series,
            hint: "\(site), \(names[series]): \(count)"))
        start += count
      }
      table.add([.text(site), .count(counts.dropLast().reduce(0, +))] + counts.map { .count($0) })
    }
    table.add([.text("all sites"), .count(sums.dropLast().reduce(0, +))] + sums.map { .count($0) })
    let shown = sums.enumerated().map { index, sum in
      Chart.Series(
        (Self.parts.dropLast() + ["not used", "left out for a fault"])[index], isFaint: sum == 0)
    }
    return Figure(
      id: "cases", title: "Cases by site and what became of them",
      caption: "Split by case within each site; a study's rules are counted below, where there is one.",
      chart: Chart(
        x: .numbers("cases", fromZero: true, isWhole: true), y: .names("site", sites), series: shown,
        marks: marks),
      table: table)
  }

  /// A study's rules and how many cases each took out, as the sites told: small numbers are masked.
  private var cohortTable: Figure? {
    guard let cohort = run.cohort else { return nil }
    var table = DataTable(columns: cohort.columns.map { .init($0) })
    for row in cohort.rows {
      table.add(row.map { field in Int(field).map { .count($0) } ?? (field.isEmpty ? .empty : .text(field)) })
    }
    return Figure(
      id: "cohort", title: "Cohort: found, excluded by rule, included",
      caption:
        "Excluded cases count at the first rule that they do not meet. Small numbers are told as less than the study's least cell, or "
        + "not at all where they could be worked out.", table: table)
  }

  // MARK: - Grids and intensities

  private func gridTable(_ look: DataLook) -> Figure {
    var table = DataTable(columns: [
      .init("site"), .init("cases read"), .init("left-right", unit: "mm"), .init("back-front", unit: "mm"),
      .init("feet-head", unit: "mm"), .init("orientation"),
    ])
    for site in look.sites {
      let orientations = site.orientations.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      table.add(
        [.text(site.name), .count(site.cases)] + site.spacing.map { .optional($0.mean, digits: 2) }
          + [
            .text(
              orientations.map { $0.value == site.cases ? $0.key : "\($0.key) \($0.value)" }.joined(
                separator: ", "))
          ])
    }
    return Figure(
      id: "grids", title: "Voxel size and orientation",
      caption: "Means over the cases that were read for this report, \(DataLook.mostCases) a site at most.",
      table: table)
  }

  /// η² before and after harmonisation.
  private func heterogeneityFigure(_ look: DataLook) -> Figure {
    var rows: [(name: String, before: Double?, after: Double?)] = [
      ("voxel size", look.heterogeneity(\.spacing), nil)
    ]
    for contrast in look.contrasts {
      func ratio(_ feature: (DataLook.Intensities) -> Moments) -> (before: Double?, after: Double?) {
        (
          look.heterogeneity { [feature($0.before[contrast] ?? .init())] },
          look.heterogeneity { [feature($0.after[contrast] ?? .init())] }
        )
      }
      let (medians, spreads) = (ratio(\.medians), ratio(\.spreads))
      rows.append(("\(contrast) median", medians.before, medians.after))
      rows.append(("\(contrast) spread", spreads.before, spreads.after))
    }
    var marks: [Chart.Mark] = [.ruleX(look.byChance, label: "by chance")]
    var table = DataTable(columns: [.init("feature"), .init("η² as on disk"), .init("η² harmonised")])
    for (row, feature) in rows.enumerated() {
      for (series, value) in [feature.before, feature.after].enumerated() {
        guard let value else { continue }
        let when = series == 0 ? "as on disk" : "harmonised"
        marks.append(
          .bar(
            from: .init(0, Double(row)), to: .init(value, Double(row)), series: series,
            hint: "\(feature.name), \(when): η² \(Number.fixed(value, 2))",
            offset: series == 0 ? -0.19 : 0.19, width: 0.36))
      }
      table.add([
        .text(feature.name), .optional(feature.before, digits: 3), .optional(feature.after, digits: 3),
      ])
    }
    return Figure(
      id: "heterogeneity", title: "How much of the variation the site explains",
      caption:
        "Correlation ratio η²: 0, sites are alike; 1, the site tells all. Medians and spreads (10th to 90th percentile) within the "
        + "brain; dashed: what sites that do not differ would show.",
      chart: Chart(
        x: .numbers("η²", range: 0...1), y: .names("feature", rows.map(\.name)),
        series: [.init("as on disk"), .init("harmonised")], marks: marks), table: table)
  }

  /// A line a site, as on disk and harmonised.
  private func histograms(_ contrast: String, _ look: DataLook) -> [Figure] {
    [
      (look.sites.map { $0.before[contrast] }, "as on disk", "before"),
      (look.sites.map { $0.after[contrast] }, "harmonised", "after"),
    ]
    .compactMap { found, when, suffix in
      let values = found.map { $0?.voxels ?? [] }
      guard let range = Histogram.range(of: Array(values.joined())) else { return nil }
      let isFaint = look.sites.count > Palette.count
      let all = values.map { Histogram($0, range: range, bins: 40) }
      var marks: [Chart.Mark] = []
      var table = DataTable(columns: [.init("intensity")] + look.sites.map { .init($0.name, unit: "%") })
      for (index, histogram) in all.enumerated() where !values[index].isEmpty {
        let points = histogram.shares.enumerated().map {
          Chart.Point(histogram.middle($0.offset), 100 * $0.element)
        }
        marks.append(.line(points, series: index))
      }
      for bin in 0..<40 {
        table.add(
          [.number(all[0].middle(bin), digits: range.upperBound - range.lowerBound < 40 ? 2 : 0)]
            + all.map { .number(100 * $0.shares[bin], digits: 2) })
      }
      return Figure(
        id: "histogram-\(Slug.of(contrast, among: look.contrasts))-\(suffix)", title: "\(contrast), \(when)",
        caption: "Share of the brain's voxels in each of 40 bins; a line is a site.",
        chart: Chart(
          x: .numbers("intensity"), y: .numbers("voxels", unit: "%", fromZero: true),
          series: look.sites.map { .init($0.name, isFaint: isFaint) }, marks: marks), table: table)
    }
  }
}
