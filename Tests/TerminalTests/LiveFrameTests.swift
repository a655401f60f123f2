import Foundations
import Terminal
import TestSupport
import Testing

@Suite struct LiveFrameTests {
  private func columns(_ lines: [String]) -> [Int] { lines.map(\.columnWidth) }

  /// Whatever was shown before, the screen shows the new lines below what passed by, and nothing else.
  @Test func framesReplaceEachOther() {
    var screen = TerminalScreen(columns: 30, rows: 8)
    screen.feed("before\n")
    var earlier: [String] = []
    for lines in [["one"], ["a longer line", "second", "third"], [], ["x", "y"], ["脳の部位", "z"]] {
      screen.feed(LiveFrame.text(lines, over: columns(earlier), width: 30))
      #expect(screen.lines == ["before"] + lines)
      #expect(screen.cursor == (1 + lines.count, 0))
      earlier = lines
    }
    screen.feed(LiveFrame.erasure(of: columns(earlier), width: 30))
    #expect(screen.lines == ["before"] && screen.cursor == (1, 0))
    #expect(screen.unknown.isEmpty && screen.wrapped == 0)
  }

  /// At the bottom of the screen lines scroll, and stay whole.
  @Test func otherLinesPassBy() {
    var screen = TerminalScreen(columns: 20, rows: 5)
    let live = ["round 1", "birch"]
    screen.feed(LiveFrame.text(live, over: [], width: 20))
    for number in 1...9 {
      screen.feed(LiveFrame.erasure(of: columns(live), width: 20))
      screen.feed("line \(number)\n")
      screen.feed(LiveFrame.text(live, over: [], width: 20))
      #expect(Array(screen.lines.suffix(2)) == live)
    }
    screen.feed(LiveFrame.erasure(of: columns(live), width: 20))
    #expect(screen.everything == (1...9).map { "line \($0)" })
  }

  /// A terminal that is made narrower breaks its lines in two: they are all taken away.
  @Test func narrowerTerminals() {
    let lines = ["a line of 28 columns, or more", "short"]
    var screen = TerminalScreen(columns: 15, rows: 8)
    screen.feed("before\n" + lines.joined(separator: "\n") + "\n")
    #expect(screen.lines.count == 4)
    screen.feed(LiveFrame.text(["narrow"], over: columns(lines), width: 15))
    #expect(screen.lines == ["before", "narrow"])
  }

  @Test func aFrameIsShownAtOnce() {
    let text = LiveFrame.text(["a", "b"], over: [1], width: 10)
    #expect(text.hasPrefix("\u{1B}[?2026h") && text.hasSuffix("\u{1B}[?2026l"))
    // A cursor that was hidden would stay so where the process is killed.
    #expect(!text.contains("?25"))
  }

  @Test func linesAreClippedBetweenCharacters() {
    var line = StyledLine("Klinik ", .bold)
    line.add("東京大学病院", .cyan)
    line.add(" 12/40")
    #expect(line.columnWidth == 7 + 12 + 6)
    for columns in 1...30 {
      let clipped = line.clipped(toColumns: columns)
      #expect(clipped.columnWidth <= columns && clipped.columnWidth >= min(columns, 25) - 1)
      #expect(clipped.plain == line.plain.clipped(toColumns: columns))
    }
    #expect(line.clipped(toColumns: 25) == line)
  }

  @Test func coloursAreLeftOut() {
    var line = StyledLine("✓ ", .green)
    line.add("birch")
    #expect(line.text(.none) == "✓ birch" && line.plain == "✓ birch")
    #expect(line.text(.sixteen) == "\u{1B}[32m✓ \u{1B}[0mbirch")
  }
}
