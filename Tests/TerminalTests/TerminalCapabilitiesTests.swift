import Foundations
import Terminal
import Testing

@Suite struct TerminalCapabilitiesTests {
  private func capabilities(
    _ environment: [String: String], isTerminal: Bool = true, takesSixels: Bool = false
  ) -> TerminalCapabilities {
    TerminalCapabilities(isTerminal: isTerminal, environment: environment, takesSixels: takesSixels)
  }

  @Test(arguments: [
    (["TERM": "xterm-256color"], TerminalCapabilities.Colours.palette), (["TERM": "xterm"], .sixteen),
    (["TERM": "xterm-256color", "COLORTERM": "truecolor"], .full),
    (["TERM": "linux", "COLORTERM": "24bit"], .full), (["TERM": "xterm-kitty"], .full),
    (["TERM": "xterm-direct"], .full), (["TERM": "dumb", "COLORTERM": "truecolor"], .none), ([:], .none),
    (["TERM": "xterm-256color", "NO_COLOR": "1"], .none),
    (["TERM": "xterm-256color", "NO_COLOR": "0", "COLORTERM": "truecolor"], .none),
    // no-color.org: set and not empty.
    (["TERM": "xterm-256color", "NO_COLOR": ""], .palette),
  ]) func colours(environment: [String: String], expected: TerminalCapabilities.Colours) {
    #expect(capabilities(environment).colours == expected)
    #expect(capabilities(environment, isTerminal: false).colours == .none)
  }

  @Test(arguments: [
    (["TERM": "xterm-kitty"], ImageProtocol.kitty),
    (["TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"], .kitty), (["TERM": "xterm-ghostty"], .kitty),
    (["TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"], .kitty),
    (["TERM": "xterm-256color", "KONSOLE_VERSION": "220401"], .kitty),
    (["TERM": "xterm-256color", "KONSOLE_VERSION": "211200"], .blocks),
    (["TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"], .iterm2),
    (["TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"], .iterm2),
    (["TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"], .iterm2), (["TERM": "foot"], .sixel),
    (["TERM": "foot-extra"], .sixel), (["TERM": "mlterm-256color"], .sixel),
    (["TERM": "xterm-256color"], .blocks), ([:], .blocks), (["TERM": "dumb"], .blocks),
    // Inside a multiplexer the outer terminal's variables are still there.
    (["TERM": "tmux-256color", "TMUX": "/tmp/a,1,0", "KITTY_WINDOW_ID": "1"], .blocks),
    (["TERM": "screen", "STY": "1.pts", "TERM_PROGRAM": "iTerm.app"], .blocks),
  ]) func imageProtocols(environment: [String: String], expected: ImageProtocol) {
    #expect(capabilities(environment).images == expected)
    // The terminal's own word decides where the environment has none.
    let asked = capabilities(environment, takesSixels: true).images
    #expect(asked == (expected == .blocks && environment["TERM"] != "dumb" ? .sixel : expected))
  }

  @Test func onlyTerminalsAreWrittenOver() {
    #expect(capabilities(["TERM": "xterm"]).canRewrite)
    #expect(!capabilities(["TERM": "dumb"]).canRewrite)
    #expect(!capabilities(["TERM": "xterm"], isTerminal: false).canRewrite)
  }

  @Test(arguments: [
    ("\u{1B}[?62;4;22c", true), ("\u{1B}[?64;1;2;4c", true), ("\u{1B}[?1;2c", false), ("\u{1B}[?4c", false),
    ("\u{1B}[?62;c", false), ("typed\u{1B}[?62;4cmore", true), ("\u{1B}[?12u\u{1B}[?62;14;4c", true),
  ]) func answers(text: String, takesSixels: Bool) throws {
    #expect(try #require(DeviceAttributes(Array(text.utf8))).takesSixels == takesSixels)
  }

  @Test(arguments: ["", "\u{1B}", "\u{1B}[?62;4", "\u{1B}[62;4c", "4c", "\u{1B}[?62;4h"])
  func noAnswers(text: String) { #expect(DeviceAttributes(Array(text.utf8)) == nil) }

  @Test func pixelsAreTold() {
    #expect(TerminalSize(columns: 80, rows: 24, pixels: 1600).pixelWidth == 1600)
    #expect(TerminalSize(columns: 80, rows: 24).pixelWidth == 640)
  }
}
