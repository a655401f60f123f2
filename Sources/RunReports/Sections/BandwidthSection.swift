import Coordinator
import Experiment
import Pages
import Plots
import Site

/// What travelled, beside what the scans weigh.
struct BandwidthSection {
  private let run: RecordedRun

  /// nil where nothing travels: sites were not federated, or no round is over.
  init?(_ run: RecordedRun) {
    guard run.configuration.mode == .federated, !run.rounds.isEmpty else { return nil }
    self.run = run
  }

  var section: Page.Section {
    var blocks: [Page.Block] = [
      .paragraph(
        "Bytes of all messages between coordinator and sites, as they were counted; 1 MB = 1,000,000 bytes. What encrypting a connection "
          + "(TLS) adds is not in them.")
    ]
    var figures = [roundFigure]
    if let bandwidth = run.metrics?.bandwidth {
      figures.append(siteFigure(bandwidth))
      if let table = breakEven(bandwidth) { blocks.append(.paragraph(table.sentence)) }
    }
    figures.append(tensorFigure)
    blocks.append(.figures(figures))
    if let bandwidth = run.metrics?.bandwidth, let found = breakEven(bandwidth) {
      blocks.append(.table(found.figure))
    }
    return Page.Section(id: "bandwidth", title: "Bandwidth", blocks: blocks)
  }

  private var roundFigure: Figure {
    var marks: [Chart.Mark] = []
    var table = DataTable(columns: [
      .init("round"), .init("sites"), .init("down", unit: "bytes"), .init("up", unit: "bytes"),
    ])
    for round in run.rounds {
      let down = round.sites.reduce(0) { $0 + $1.bytesDown }
      let up = round.sites.reduce(0) { $0 + $1.bytesUp }
      let x = Double(round.round)
      let (low, high) = (Double(down) / 1e6, Double(down + up) / 1e6)
      marks.append(
        .bar(
          from: .init(x, 0), to: .init(x, low), series: 0,
          hint: "round \(round.round), down: \(Number.megabytes(down))"))
      marks.append(
        .bar(
          from: .init(x, low), to: .init(x, high), series: 1,
          hint: "round \(round.round), up: \(Number.megabytes(up))"))
      table.add([.text("\(round.round)"), .count(round.sites.count), .count(down), .count(up)])
    }
    let last = Double(run.rounds.last?.round ?? 1)
    return Figure(
      id: "bytes-by-round", title: "Bytes by round and direction",
      caption:
        "Of all sites together: the model's way down, the updates' way up; scores and the like are in both.",
      chart: Chart(
        x: .numbers("round", range: 0.5...last + 0.5, isWhole: true),
        y: .numbers("messages", unit: "MB", fromZero: true), series: [.init("down"), .init("up")],
        marks: marks),
      table: table)
  }

  /// What a site's messages weigh beside its scans.
  private func siteFigure(_ bandwidth: RecordedMetrics.Bandwidth) -> Figure {
    let names = bandwidth.sites.keys.sorted()
    var marks: [Chart.Mark] = []
    var table = DataTable(columns: [
      .init("site"), .init("down", unit: "bytes"), .init("up", unit: "bytes"), .init("total", unit: "bytes"),
      .init("scans compressed", unit: "bytes"), .init("saved", unit: "%"), .init("scans raw", unit: "bytes"),
      .init("saved of raw", unit: "%"),
    ])
    func add(_ name: String, _ traffic: RecordedMetrics.Traffic) {
      func saved(_ scans: Int) -> DataTable.Cell {
        scans > 0 ? .number(100 * (1 - Double(traffic.total) / Double(scans)), digits: 1) : .empty
      }
      table.add([
        .text(name), .count(traffic.down), .count(traffic.up), .count(traffic.total),
        .count(traffic.compressed),
        saved(traffic.compressed), .count(traffic.uncompressed), saved(traffic.uncompressed),
      ])
    }
    for (row, name) in names.enumerated() {
      guard let traffic = bandwidth.sites[name] else { continue }
      add(name, traffic)
      for (series, bytes) in [traffic.total, traffic.compressed, traffic.uncompressed].enumerated()
      where bytes > 0 {
        let what = ["messages", "scans compressed", "scans raw"][series]
        marks.append(
          .point(
            .init(Double(bytes) / 1e6, Double(row)), series: series,
            hint: "\(name), \(what): \(Number.megabytes(bytes))"))
      }
    }
    add("all sites", bandwidth.all)
    return Figure(
      id: "bytes-by-site", title: "Messages beside scans, by site",
      caption: "Federation saves bandwidth where the messages lie left of the scans as they lie on disk.",
      chart: Chart(
        x: .logarithmic("bytes", unit: "MB"), y: .names("site", names),
        series: [.init("messages"), .init("scans compressed"), .init("scans raw")], marks: marks),
      table: table)
  }

  /// How many cases like its own a site needs before its messages weigh less than its scans.
  private func breakEven(_ bandwidth: RecordedMetrics.Bandwidth) -> (sentence: String, figure: Figure)? {
    var table = DataTable(columns: [
      .init("site"), .init("cases"), .init("compressed, a case", unit: "MB"),
      .init("break-even from", unit: "cases"),
      .init("saves 90 % from", unit: "cases"), .init("saves 95 % from", unit: "cases"),
      .init("saves 99 % from", unit: "cases"), .init("raw: break-even from", unit: "cases"),
    ])
    var needed: [Int] = []
    for (name, traffic) in bandwidth.sites.sorted(by: { $0.key < $1.key }) {
      let cases = run.parts[name].map { $0.values.reduce(0, +) } ?? 0
      guard cases > 0, traffic.compressed > 0, traffic.uncompressed > 0 else { continue }
      func from(_ scans: Int, saving share: Double) -> Int {
        Int((Double(traffic.total) / (1 - share) / (Double(scans) / Double(cases))).rounded(.up))
      }
      needed.append(from(traffic.compressed, saving: 0))
      table.add([
        .text(name), .count(cases), .number(Double(traffic.compressed) / Double(cases) / 1e6, digits: 3),
        .count(from(traffic.compressed, saving: 0)), .count(from(traffic.compressed, saving: 0.9)),
        .count(from(traffic.compressed, saving: 0.95)), .count(from(traffic.compressed, saving: 0.99)),
        .count(from(traffic.uncompressed, saving: 0)),
      ])
    }
    guard let least = needed.min(), let most = needed.max() else { return nil }
    let range = least == most ? "\(Number.count(least))" : "\(Number.count(least)) to \(Number.count(most))"
    let share = Double(bandwidth.all.total) / Double(max(1, bandwidth.all.compressed))
    let verdict =
      share > 1
      ? "The wire carried \(Number.fixed(share, 2)) times the bytes of the compressed scans: for data this small, federation costs bandwidth."
      : "The wire carried \(Number.fixed(100 * share, 1)) % of the bytes of the compressed scans."
    let figure = Figure(
      id: "break-even", title: "From how many cases federation saves bandwidth",
      caption: "As many rounds as here, whatever the cases; a case weighs what the site's own do on average.",
      table: table)
    return ("\(verdict) A site breaks even with \(range) cases like its own.", figure)
  }

  /// Where the bytes lie in the model.
  private var tensorFigure: Figure {
    let ranges = run.configuration.plan.tensorRanges
    let sites = run.rounds.flatMap(\.sites)
    let isCoded = sites.contains { $0.tensorsDown != nil }
    let sums = ranges.indices.map { index -> (name: String, numbers: Int, down: Int, up: Int) in
      func sum(_ parts: (SiteRound) -> [Int]?) -> Int {
        sites.reduce(0) {
          $0 + (parts($1).map { $0.indices.contains(index) ? $0[index] : 0 } ?? 4 * ranges[index].count)
        }
      }
      return (ranges[index].name, ranges[index].count, sum(\.tensorsDown), sum(\.tensorsUp))
    }
    let largest = sums.sorted { ($1.down + $1.up, $0.name) < ($0.down + $0.up, $1.name) }.prefix(12)
    var marks: [Chart.Mark] = []
    for (row, tensor) in largest.enumerated() {
      let y = Double(row)
      let (low, high) = (Double(tensor.down) / 1e6, Double(tensor.down + tensor.up) / 1e6)
      marks.append(
        .bar(
          from: .init(0, y), to: .init(low, y), series: 0,
          hint: "\(tensor.name), down: \(Number.megabytes(tensor.down))"))
      marks.append(
        .bar(
          from: .init(low, y), to: .init(high, y), series: 1,
          hint: "\(tensor.name), up: \(Number.megabytes(tensor.up))"))
    }
    var table = DataTable(columns: [
      .init("tensor"), .init("numbers"), .init("down", unit: "bytes"), .init("up", unit: "bytes"),
    ])
    for tensor in sums {
      table.add([.text(tensor.name), .count(tensor.numbers), .count(tensor.down), .count(tensor.up)])
    }
    return Figure(
      id: "bytes-by-tensor", title: "Bytes by tensor",
      caption: "The \(largest.count) largest of \(ranges.count) tensors, all rounds and sites"
        + (isCoded ? ", as the codec made them." : ": 4 bytes a number and way."),
      chart: Chart(
        x: .numbers("messages", unit: "MB", fromZero: true), y: .names("tensor", largest.map(\.name)),
        series: [.init("down"), .init("up")], marks: marks), table: table)
  }
}
