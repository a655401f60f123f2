import Foundation
import Pages
import Plots
import Testing

/// One file that asks for nothing and holds text as text.
struct PageWriterTests {
  private static let nasty = [
    "<script>alert(1)</script>", "</style><script>alert(2)</script>", "\" onload=\"alert(3)",
    "'); alert(4); ('", "{{{title}}}",
    "مستشفى", String(repeating: "x", count: 200),
  ]

  private func page(_ text: String) -> Page {
    var table = DataTable(columns: [.init(text), .init("n", unit: text)])
    table.add([.text(text), .count(3)], mark: text)
    let chart = Chart(
      x: .numbers(text), y: .names(text, [text]), series: [.init(text), .init("b")],
      marks: [.point(.init(1, 0), series: 0, hint: text)])
    let figure = Figure(id: "figure", title: text, caption: text, chart: chart, table: table)
    let shown = Figure(id: "table", title: text, caption: text, table: table)
    return Page(
      title: text, lead: text,
      sections: [
        Page.Section(
          id: "section", title: text,
          blocks: [
            .heading(text), .paragraph(text), .notice(text), .facts([.init(text, text)]), .figures([figure]),
            .table(shown),
            .list([text]), .code(text, label: text),
          ])
      ], footer: text)
  }

  /// The page of one text has the same elements and attributes as that of another.
  @Test(arguments: nasty) func textIsText(text: String) {
    func tags(_ html: String) -> [String] {
      html.matches(of: /<\/?([a-z0-9]+)(\s[a-z-]+="[^"]*")*\s?\/?>/).map { String($0.1) }
    }
    let plain = PageWriter().html(page("plain"))
    let html = PageWriter().html(page(text))
    // A long name has hints that hold it whole.
    #expect(tags(html).filter { $0 != "title" } == tags(plain).filter { $0 != "title" })
    #expect(!html.contains("<script>alert") && !html.contains("\" onload=\""))
    #expect(html.matches(of: /<script/).count == 1)
  }

  @Test func nothingIsAskedFor() {
    let html = PageWriter().html(page("plain"))
    #expect(html.contains("default-src 'none'"))
    #expect(!html.contains("http:") && !html.contains("https:") && !html.contains("@import"))
    #expect(!html.contains(" src=") && !html.contains("url("))
    // Without what the page asks its server.
    #expect(html.contains("connect-src 'none'"))
  }

  @Test func numbersAreShownAndMarked() {
    let html = PageWriter().html(page("plain"))
    #expect(
      html.contains(
        "<tr class=\"marked\"><th scope=\"row\"><bdi>plain</bdi> <em>plain</em></th><td class=\"n\">3</td></tr>"
      ))
    #expect(html.contains("<svg class=\"chart\""))
  }
}
