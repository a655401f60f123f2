/// How a terminal is given a picture.
package enum ImageProtocol: String, Sendable, Equatable, CaseIterable {
  /// Kitty's graphics protocol: an application programming command with a PNG.
  case kitty
  /// iTerm2's inline images: an operating system command with a PNG.
  case iterm2
  /// DEC's sixels: six rows of pixels a line, from a palette.
  case sixel
  /// Characters of half a cell in colour, or by their density without.
  case blocks

  /// The protocol that an environment tells of; nil where only the terminal itself knows whether it takes sixels.
  ///
  /// A multiplexer (tmux, screen) keeps the other terminal's variables and passes on none of its images.
  /// WezTerm's iTerm2 images are on by default, its Kitty graphics are incomplete.
  static func told(by environment: [String: String]) -> ImageProtocol? {
    func has(_ name: String) -> Bool { environment[name]?.isEmpty == false }
    let (term, program) = (environment["TERM"] ?? "", environment["TERM_PROGRAM"] ?? "")
    if term == "dumb" { return .blocks }
    if has("TMUX") || has("STY") || term.hasPrefix("screen") || term.hasPrefix("tmux") { return nil }
    if program == "WezTerm" || has("WEZTERM_PANE") { return .iterm2 }
    if has("KITTY_WINDOW_ID") || ["xterm-kitty", "xterm-ghostty"].contains(term) || program == "ghostty" {
      return .kitty
    }
    // Konsole 22.04 was the first.
    if let version = environment["KONSOLE_VERSION"].flatMap(Int.init), version >= 220_400 { return .kitty }
    if program == "iTerm.app" || environment["LC_TERMINAL"] == "iTerm2" { return .iterm2 }
    if ["foot", "mlterm", "yaft", "contour"].contains(where: term.hasPrefix) || term.contains("sixel") {
      return .sixel
    }
    return nil
  }
}
