import Pages
import Plots

/// What a paper needs of the run: a paragraph, its references, checklist items.
struct MethodsSection {
  private let run: RecordedRun

  init(_ run: RecordedRun) { self.run = run }

  var section: Page.Section {
    let methods = MethodsText(run)
    let lists = Checklists(run)
    let cited = methods.references + [References.claim, References.tripod]
    return Page.Section(
      id: "methods", title: "Methods",
      blocks: [
        .heading("A paragraph for a paper"), .paragraph(methods.text), .heading("References"),
        .code(cited.map(\.bibTeX).joined(separator: "\n\n"), label: "References as BibTeX"),
        .heading("Reporting guidelines"),
        .paragraph(
          "Items that the run itself can fill; the others, such as ethics, eligibility and intended use, are the authors'."
        ),
        .table(table("claim", "CLAIM \(References.claim.short)", lists.claim)),
        .table(table("tripod-ai", "TRIPOD+AI \(References.tripod.short)", lists.tripod)),
      ])
  }

  private func table(_ id: String, _ title: String, _ items: [Checklists.Item]) -> Figure {
    var table = DataTable(columns: [.init("item"), .init("topic"), .init("what the run says")])
    for item in items { table.add([.text(item.number), .text(item.topic), .text(item.answer)]) }
    return Figure(id: id, title: title, caption: "Numbers are the guideline's.", table: table)
  }
}
