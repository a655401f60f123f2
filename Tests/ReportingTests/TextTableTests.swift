import Reporting
import Testing

struct TextTableTests {
  @Test func alignsColumnsOfAnyWidth() {
    var table = TextTable(columns: [.text("site"), .number("n"), .text("remark")])
    table.add(["Zürich", "7", "e\u{301}te\u{301}"])
    table.add(["京都", "1200", ""], note: "◂ worst")
    table.addRule()
    table.add(["all", "1207", "x"])
    #expect(
      table.rendered() == """
        site       n  remark
        ────────────────────
        Zürich     7  e\u{301}te\u{301}
        京都    1200          ◂ worst
        ────────────────────
        all     1207  x

        """)
  }

  @Test func emptyTableIsItsHead() {
    #expect(TextTable(columns: [.text("a"), .number("bc")]).rendered() == "a  bc\n─────\n")
  }
}
