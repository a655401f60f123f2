import Pages
import Plots
import Statistics

/// What seeds make of the scores: each site's mean over regions, seed by seed.
struct SeedsSection {
  private let seeds: [(name: String, scores: RecordedScores)]

  /// nil with fewer than two seeds that were tested.
  init?(_ records: [Record]) {
    seeds = records.compactMap { record in record.scores.map { (record.name, $0) } }
    if seeds.count < 2 { return nil }
  }

  private var sites: [String] { Set(seeds.flatMap { $0.scores.siteMeans.map(\.site) }).sorted() }

  private func values(_ site: String) -> [Double?] {
    seeds.map { seed in seed.scores.siteMeans.first { $0.site == site }?.dice }
  }

  /// Each seed's mean over sites.
  private var means: [Double] { seeds.map(\.scores.mean) }

  /// The answer in one sentence.
  var answer: String {
    guard let sample = Sample(means) else { return "" }
    let worst = sites.compactMap { site in
      Sample(values(site).compactMap { $0 }).map { (site, $0.mean) }
    }.min { $0.1 < $1.1 }
    let end =
      worst.map { "; the worst site on average, \(Name.inSentence($0.0)), \(Number.dice($0.1))" } ?? ""
    return
      "Over \(seeds.count) seeds the Dice is \(Number.dice(sample.mean)) ± \(Number.dice(sample.deviation ?? 0)), mean over regions and "
      + "\(sites.count) sites\(end)."
  }

  var section: Page.Section {
    var marks: [Chart.Mark] = []
    var table = DataTable(
      columns: [.init("site")] + seeds.map { .init($0.name) } + [.init("mean"), .init("SD")])
    for (row, site) in sites.enumerated() {
      let found = values(site)
      for (index, value) in found.enumerated() {
        guard let value else { continue }
        marks.append(
          .point(
            .init(value, Double(row)), series: 1,
            hint: "\(site), \(seeds[index].name): \(Number.dice(value))", isSmall: true))
      }
      let sample = Sample(found.compactMap { $0 })
      if let sample {
        marks.append(
          .point(
            .init(sample.mean, Double(row)), series: 0, hint: "\(site): mean \(Number.dice(sample.mean))"))
      }
      table.add(
        [.text(site)] + found.map { .optional($0, digits: 4) }
          + [.optional(sample?.mean, digits: 4), .optional(sample?.deviation, digits: 4)])
    }
    let all = Sample(means)
    table.add(
      [.text("mean over sites")] + means.map { .number($0, digits: 4) }
        + [.optional(all?.mean, digits: 4), .optional(all?.deviation, digits: 4)])
    let figure = Figure(
      id: "seeds-dice", title: "Dice by site and seed",
      caption: "Mean over regions and test cases. Small points: seeds.",
      chart: Chart(
        x: .numbers("Dice", range: 0...1), y: .names("site", sites),
        series: [.init("mean over seeds"), .init("seeds")],
        marks: marks), table: table)
    return Page.Section(id: "seeds", title: "Seeds", blocks: [.figures([figure])])
  }
}
