import Foundations
import Reporting

/// How much Dice falls when a contrast is withheld: occlusion by contrast.
package struct OcclusionTable: Sendable, Equatable {
  package static let schemaVersion = 1

  /// One case's Dice.
  package struct Case: Sendable, Equatable {
    package let site: String
    package let name: String
    /// With all contrasts, one per region; not a number where the region has none.
    package let complete: [Double]
    /// Without each contrast in turn, `[contrast][region]`.
    package let without: [[Double]]

    package init(site: String, name: String, complete: [Double], without: [[Double]]) {
      (self.site, self.name, self.complete, self.without) = (site, name, complete, without)
    }
  }

  package let contrasts: [String]
  package let regions: [String]
  package let cases: [Case]
  /// What Dice is measured against, in words.
  package let reference: String

  package init(contrasts: [String], regions: [String], cases: [Case], reference: String) {
    precondition(
      cases.allSatisfy {
        $0.complete.count == regions.count && $0.without.count == contrasts.count
          && $0.without.allSatisfy { $0.count == regions.count }
      }, "a Dice for each region, with and without each contrast")
    (self.contrasts, self.regions, self.cases, self.reference) = (contrasts, regions, cases, reference)
  }

  /// Mean Dice with all contrasts over the cases that have one; nil where none has.
  package func complete(region: Int) -> Double? { mean { $0.complete[region] } }

  /// Mean Dice without a contrast.
  package func without(contrast: Int, region: Int) -> Double? { mean { $0.without[contrast][region] } }

  /// Mean over the cases of how far Dice falls without a contrast; below 0 where the model does better without it.
  package func fall(contrast: Int, region: Int) -> Double? {
    mean { $0.complete[region] - $0.without[contrast][region] }
  }

  private func mean(_ value: (Case) -> Double) -> Double? {
    let values = cases.map(value).filter { !$0.isNaN }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// Contrasts below each other; for each region Dice and how far it falls. The contrast that matters most is marked.
  package func text() -> String {
    var table = TextTable(
      columns: [.text("withheld")] + regions.flatMap { [.number($0), .number("fall")] })
    table.add(["nothing"] + regions.indices.flatMap { [NumberText.dice(complete(region: $0)), ""] })
    let most = mostNeeded
    for (index, contrast) in contrasts.enumerated() {
      table.add(
        [contrast]
          + regions.indices.flatMap {
            [
              NumberText.dice(without(contrast: index, region: $0)),
              NumberText.dice(fall(contrast: index, region: $0)),
            ]
          }, note: index == most ? "◂ needed most" : "")
    }
    return table.rendered()
      + "Mean Dice over \(cases.count) case\(cases.count == 1 ? "" : "s") against \(reference). A withheld contrast has its mean "
      + "value everywhere in the brain.\n"
  }

  /// The contrast with the largest mean fall over the regions; nil where there is one contrast, or no Dice.
  private var mostNeeded: Int? {
    if contrasts.count < 2 { return nil }
    let falls = contrasts.indices.map { contrast -> Double? in
      let falls = regions.indices.compactMap { fall(contrast: contrast, region: $0) }
      return falls.isEmpty ? nil : falls.reduce(0, +) / Double(falls.count)
    }
    guard let largest = falls.compactMap({ $0 }).max(), largest > 0 else { return nil }
    return falls.firstIndex(of: largest)
  }

  /// A line for each contrast and region; `withheld` is empty where nothing is.
  package func csv() -> String {
    var document = CSVDocument(columns: ["withheld", "region", "cases", "dice", "fall"])
    for (index, region) in regions.enumerated() {
      let count = "\(cases.count { !$0.complete[index].isNaN })"
      document.add(["", region, count, CSVDocument.field(complete(region: index)), ""])
      for (place, contrast) in contrasts.enumerated() {
        document.add([
          contrast, region, count, CSVDocument.field(without(contrast: place, region: index)),
          CSVDocument.field(fall(contrast: place, region: index)),
        ])
      }
    }
    return document.rendered()
  }

  /// A line for each case, contrast and region. Stays at the site.
  package func casesCSV() -> String {
    var document = CSVDocument(columns: ["case", "withheld"] + regions.map { "dice_" + $0 })
    for item in cases {
      document.add([item.name, ""] + item.complete.map { CSVDocument.field($0) })
      for (contrast, dice) in zip(contrasts, item.without) {
        document.add([item.name, contrast] + dice.map { CSVDocument.field($0) })
      }
    }
    return document.rendered()
  }

  /// Aggregates alone: no case's name.
  package func json() -> JSONValue {
    func byRegion(_ value: (Int) -> Double?) -> JSONValue {
      .object(regions.indices.map { (regions[$0], .number(value($0))) })
    }
    return .object([
      ("schema_version", .integer(Self.schemaVersion)),
      ("reference", .string(reference)),
      ("cases", .integer(cases.count)),
      ("dice", byRegion { complete(region: $0) }),
      (
        "withheld",
        .object(
          contrasts.indices.map { contrast in
            (
              contrasts[contrast],
              .object([
                ("dice", byRegion { without(contrast: contrast, region: $0) }),
                ("fall", byRegion { fall(contrast: contrast, region: $0) }),
              ])
            )
          })
      ),
    ])
  }
}
