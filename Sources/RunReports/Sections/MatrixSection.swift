import Pages
import Plots

/// The cross-site matrix: how the model of each site does at every site.
struct MatrixSection {
  private let matrix: RecordedMatrix
  private let name: String

  init(_ matrix: RecordedMatrix, name: String) { (self.matrix, self.name) = (matrix, name) }

  private var rows: [String] { matrix.models.keys.sorted() }
  private var columns: [String] { Set(matrix.models.values.flatMap(\.keys)).sorted() }
  private var regions: [String] {
    let all = Set(matrix.models.values.flatMap { $0.values.flatMap(\.keys) }).subtracting(["cases", "mean"])
    return ["mean"] + all.sorted()
  }

  var section: Page.Section {
    var blocks: [Page.Block] = [.figures(regions.map(figure))]
    if matrix.leftOut > 0 {
      blocks.insert(
        .paragraph("\(matrix.leftOut) cases were left out, since a model was trained or chosen on them."),
        at: 0)
    }
    return Page.Section(id: "matrix", title: "Cross-site matrix", blocks: blocks)
  }

  private func value(_ model: String, _ site: String, _ region: String) -> Double? {
    matrix.models[model]?[site]?[region] ?? nil
  }

  private func figure(_ region: String) -> Figure {
    var marks: [Chart.Mark] = []
    var table = DataTable(
      columns: [.init("model of")] + columns.map { .init("at \($0)") } + [
        .init("at others"), .init("own minus others"),
      ])
    for (row, model) in rows.enumerated() {
      for (column, site) in columns.enumerated() {
        let dice = value(model, site, region)
        marks.append(
          .cell(
            column: column, row: row, share: dice, text: dice.map { Number.fixed($0, 2) } ?? "",
            hint: "model of \(model) at \(site): \(dice.map(Number.dice) ?? "no score")",
            isMarked: model == site))
      }
      let others = columns.filter { $0 != model }.compactMap { value(model, $0, region) }
      let mean = others.isEmpty ? nil : others.reduce(0, +) / Double(others.count)
      let lost = value(model, model, region).flatMap { own in mean.map { own - $0 } }
      table.add(
        [.text(model)] + columns.map { .optional(value(model, $0, region), digits: 4) }
          + [.optional(mean, digits: 4), .optional(lost, digits: 4)])
    }
    let what = region == "mean" ? "mean over regions" : region
    return Figure(
      id: "matrix-" + Slug.of(region, among: regions), title: "Model of each site at every site: \(what)",
      caption: "Dice; darker is better; framed: a model at its own site.",
      chart: Chart(
        x: .names("tested at", columns), y: .names("model of", rows), marks: marks,
        size: columns.count > 10 ? .wide : .regular), table: table)
  }
}
