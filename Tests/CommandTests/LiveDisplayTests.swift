import Foundation
import Foundations
import TestSupport
import Testing

/// A run that is watched on a terminal.
@Suite(.enabled(if: PseudoTerminal.isThere), .serialized) struct LiveDisplayTests {
  private let folder: TemporaryFolder
  private let sites: TinySites

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
  }

  private func train(_ output: String, rounds: Int, _ more: String...) -> [String] {
    [
      "train", "--data", sites.data, "--output", folder.file(output), "--plan", sites.plan, "--threads", "2",
      "--rounds", "\(rounds)",
    ] + more
  }

  /// Times differ from run to run.
  private func timeless(_ line: some StringProtocol) -> String {
    String(line).replacing(/\s+\d+\.\d$/, with: " S").replacing(/run-[a-z]+/, with: "run")
  }

  /// Frames as they were written: the lines of each, without colours.
  private func frames(_ output: String) -> [[String]] {
    output.components(separatedBy: "\u{1B}[?2026h").dropFirst().compactMap { part in
      guard let end = part.range(of: "\u{1B}[?2026l") else { return nil }
      let text = part[..<end.lowerBound].replacing(/\u{1B}\[[0-9;]*[A-Za-z]/, with: "")
      let lines = text.components(separatedBy: "\r\n").map { $0.replacing("\r", with: "") }
      return Array(lines.dropLast())
    }
  }

  /// In the end the screen shows what the same run writes to a pipe, and nothing of what was shown meanwhile.
  @Test func theScreenBehindARun() throws {
    let piped = try SegfedProcess.run(train("run-piped", rounds: 12))
    #expect(piped.code == 0, "\(piped.errors)")
    let terminal = try PseudoTerminal(train("run-shown", rounds: 12), columns: 200, rows: 30)
    #expect(try terminal.end() == 0)
    let screen = terminal.screen(columns: 200, rows: 30)
    let expected = piped.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(screen.everything.map(timeless) == expected.map(timeless))
    #expect(screen.unknown.isEmpty && screen.wrapped == 0 && screen.cursor.column == 0)
  }

  @Test(arguments: [(40, false), (132, true)]) func whileItGoesOn(columns: Int, isWide: Bool) throws {
    let terminal = try PseudoTerminal(train("run", rounds: 120), columns: columns)
    #expect(try terminal.end() == 0)
    let frames = frames(terminal.output)
    #expect(!frames.isEmpty)
    for line in frames.joined() { #expect(line.columnWidth < columns, "\(line)") }
    let all = frames.joined().joined(separator: "\n")
    #expect(all.contains("of 120, trains") && all.contains("birch") && all.contains("hazel"))
    #expect(all.contains("1/1") && all.contains("validation Dice") && all.contains(" left"))
    #expect(all.contains("MB exchanged") && all.contains("█"))
    #expect(all.contains(/round \d+ of 120, trains +[█░]{24}/) == isWide)
    // Colours, but for those who want none; a cursor that nobody has to bring back.
    #expect(terminal.output.contains("\u{1B}[36m") && !terminal.output.contains("\u{1B}[?25"))
  }

  @Test func noColour() throws {
    let terminal = try PseudoTerminal(
      train("run", rounds: 60), columns: 100, environment: ["NO_COLOR": "1"])
    #expect(try terminal.end() == 0)
    #expect(!frames(terminal.output).isEmpty)
    #expect(!terminal.output.contains(/\u{1B}\[[0-9;]*m/))
  }

  /// What a terminal that cannot be written over, a pipe and a log get is one and the same.
  @Test func dumbTerminals() throws {
    let terminal = try PseudoTerminal(
      train("run", rounds: 20), columns: 100, environment: ["TERM": "dumb"])
    #expect(try terminal.end() == 0)
    #expect(!terminal.output.contains("\u{1B}"))
    #expect(terminal.output.contains("training: 4/40, ") && terminal.output.contains("training: 40/40, "))
    let piped = try SegfedProcess.run(train("piped", rounds: 20))
    #expect(!piped.output.contains("\u{1B}") && !piped.errors.contains("\u{1B}"))
    #expect(piped.errors.contains("training: 4/40, "))
  }

  @Test(arguments: ["--quiet", "--json"]) func quietRuns(option: String) throws {
    let terminal = try PseudoTerminal(train("run", rounds: 30, option), columns: 400)
    #expect(try terminal.end() == 0)
    #expect(frames(terminal.output).isEmpty == (option == "--quiet"))
    let screen = terminal.screen(columns: 400, rows: 400)
    #expect(!screen.everything.contains { $0.contains("█") || $0.contains("trains") })
    if option == "--json" {
      let text = screen.everything.joined(separator: "\n")
      #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) is [String: Any])
    }
  }

  @Test func aWidthThatChanges() throws {
    let terminal = try PseudoTerminal(train("run", rounds: 2000), columns: 132)
    try terminal.wait { frames($0).count > 3 }
    terminal.resize(columns: 46)
    let before = frames(terminal.output).count
    try terminal.wait { frames($0).count > before + 12 }
    for line in frames(terminal.output).suffix(6).joined() { #expect(line.columnWidth < 46, "\(line)") }
    terminal.type("\u{3}")
    #expect(try terminal.end() == 130)
  }

  /// Ctrl-C leaves the lines of the rounds and the message, no piece of what was drawn, and the cursor at a line's begin.
  @Test func controlC() throws {
    let terminal = try PseudoTerminal(train("run", rounds: 2000), columns: 160)
    try terminal.wait { frames($0).count > 12 }
    terminal.type("\u{3}")
    #expect(try terminal.end() == 130)
    let screen = terminal.screen(columns: 160)
    #expect(screen.everything.contains { $0.hasPrefix("segfed: stopped. ") })
    #expect(!screen.everything.contains { $0.contains("█") || $0.contains("░") || $0.contains("▸") })
    #expect(screen.cursor.column == 0)
  }

  @Test func partsAreTold() throws {
    let terminal = try PseudoTerminal(
      [
        "loso", "--data", sites.data, "--output", folder.file("loso"), "--plan", sites.plan, "--rounds", "60",
        "--threads", "2",
      ], columns: 120)
    #expect(try terminal.end() == 0)
    let all = frames(terminal.output).joined().joined(separator: "\n")
    #expect(all.contains("fold 1 of 2, round ") && all.contains("fold 2 of 2, round "))
    #expect(!terminal.screen(columns: 120).everything.contains { $0.contains("░") })
  }
}
