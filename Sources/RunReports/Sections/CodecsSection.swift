import Foundations
import Pages
import Plots

/// What `segfed bandwidth` came to: Dice of each codec chain against its megabytes, beside the scans' bytes.
struct CodecsSection {
  private struct Row {
    let codec: String
    let dice: Double
    let deviation: Double?
    let bytes: Double
    let isOnFrontier: Bool
    let numbers: [String: Double]
  }

  private let rows: [Row]

  /// nil of a table that has no chain with a score.
  init?(_ table: CSVTable) {
    guard let codec = table.column("codec") else { return nil }
    rows = table.rows.compactMap { fields in
      let numbers = Dictionary(
        zip(table.columns, fields).compactMap { name, field in Double(field).map { (name, $0) } },
        uniquingKeysWith: { first, _ in first })
      guard let dice = numbers["dice"], let down = numbers["bytes_down"], let up = numbers["bytes_up"] else {
        return nil
      }
      return Row(
        codec: fields[codec], dice: dice, deviation: numbers["dice_deviation"], bytes: down + up,
        isOnFrontier: numbers["frontier"] == 1, numbers: numbers)
    }
    if rows.isEmpty { return nil }
  }

  /// The answer in one sentence: the least bytes at a hundredth of Dice lost or less.
  var answer: String {
    let kept = rows.filter { ($0.numbers["dice_lost"] ?? 1) <= 0.01 }.min { $0.bytes < $1.bytes }
    guard let kept, let saved = kept.numbers["saving_compressed"] else {
      return "No chain loses a hundredth of Dice or less."
    }
    return
      "\(kept.codec) sends the least of the chains that lose .01 of Dice or less: it saves \(Number.fixed(100 * saved, 1)) % of the compressed "
      + "scans' bytes and loses \(Number.dice(kept.numbers["dice_lost"] ?? 0))."
  }

  var section: Page.Section {
    Page.Section(id: "codecs", title: "Codecs", blocks: [.figures([frontier]), .table(table)])
  }

  private var frontier: Figure {
    var marks: [Chart.Mark] = []
    var numbers = DataTable(columns: [
      .init("codec"), .init("messages", unit: "MB"), .init("Dice"), .init("SD"),
    ])
    for row in rows {
      let (x, y) = (row.bytes / 1e6, row.dice)
      let hint = "\(row.codec): \(Number.fixed(x, 2)) MB, Dice \(Number.dice(y))"
      if let deviation = row.deviation, deviation > 0 {
        marks.append(
          .interval(from: .init(x, y - deviation), to: .init(x, y + deviation), series: 0, hint: hint))
      }
      marks.append(.point(.init(x, y), series: 0, hint: hint, isOpen: !row.isOnFrontier))
      if row.isOnFrontier { marks.append(.text(.init(x, y), row.codec)) }
      numbers.add([
        .text(row.codec), .number(x, digits: 2), .number(y, digits: 4), .optional(row.deviation, digits: 4),
      ])
    }
    for (name, label) in [
      ("scan_bytes_compressed", "scans compressed"), ("scan_bytes_uncompressed", "scans raw"),
    ] {
      if let bytes = rows[0].numbers[name], bytes > 0 { marks.append(.ruleX(bytes / 1e6, label: label)) }
    }
    return Figure(
      id: "codec-frontier", title: "Dice against megabytes",
      caption:
        "All messages of a run, both ways; bars: ± standard deviation over seeds; filled: beaten by no other chain.",
      chart: Chart(
        x: .logarithmic("messages", unit: "MB"), y: .numbers("Dice"), series: [.init("codec")], marks: marks,
        size: .wide),
      table: numbers)
  }

  private var table: Figure {
    let columns: [(name: String, title: String, unit: String?, digits: Int, factor: Double)] = [
      ("seeds", "seeds", nil, 0, 1), ("dice", "Dice", nil, 4, 1), ("dice_lost", "lost", nil, 4, 1),
      ("worst_site_dice", "worst site", nil, 4, 1), ("hd95_mm_more", "HD95 more", "mm", 2, 1),
      ("bytes_down", "down", "MB", 2, 1e-6), ("bytes_up", "up", "MB", 2, 1e-6),
      ("saving_compressed", "saved of compressed", "%", 1, 100),
      ("saving_uncompressed", "saved of raw", "%", 1, 100),
      ("cases_90", "saves 90 % from", "cases", 0, 1), ("cases_95", "saves 95 % from", "cases", 0, 1),
      ("cases_99", "saves 99 % from", "cases", 0, 1),
    ]
    let shown = columns.filter { column in rows.contains { $0.numbers[column.name] != nil } }
    var table = DataTable(columns: [.init("codec")] + shown.map { .init($0.title, unit: $0.unit) })
    for row in rows {
      table.add(
        [.text(row.codec)]
          + shown.map { column in
            .optional(row.numbers[column.name].map { $0 * column.factor }, digits: column.digits)
          }, mark: row.isOnFrontier ? "frontier" : nil)
    }
    return Figure(
      id: "codec-chains", title: "Chains, both ways",
      caption: "Frontier: no other chain is better in one of Dice and bytes and no worse in the other.",
      table: table)
  }
}
