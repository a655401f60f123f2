/// Pictures of characters: with 256 colours or more the upper half of each cell is one pixel and the lower half another; with
/// fewer a cell's character is as dense as its two pixels are bright.
package enum BlockCharacters {
  /// A square in a colour, as near as the terminal has it, and a space; nothing where it has fewer than 256.
  package static func swatch(_ colour: SIMD3<UInt8>, _ colours: TerminalCapabilities.Colours) -> String {
    colours < .palette ? "" : "\u{1B}[38;\(code(colour, isFull: colours == .full))m■\u{1B}[0m "
  }

  static func text(_ picture: TerminalPicture, colours: TerminalCapabilities.Colours) -> String {
    colours < .palette ? dense(picture) : coloured(picture, isFull: colours == .full)
  }

  private static func coloured(_ picture: TerminalPicture, isFull: Bool) -> String {
    var text = ""
    for y in stride(from: 0, to: picture.height, by: 2) {
      var (upper, lower): (SIMD3<UInt8>?, SIMD3<UInt8>?) = (nil, nil)
      for x in 0..<picture.width {
        let above = picture.pixels[y * picture.width + x]
        if above != upper { text += "\u{1B}[38;\(code(above, isFull: isFull))m" }
        upper = above
        if y + 1 < picture.height {
          let below = picture.pixels[(y + 1) * picture.width + x]
          if below != lower { text += "\u{1B}[48;\(code(below, isFull: isFull))m" }
          lower = below
        }
        text += "▀"
      }
      text += "\u{1B}[0m\n"
    }
    return text
  }

  private static func code(_ colour: SIMD3<UInt8>, isFull: Bool) -> String {
    isFull ? "2;\(colour.x);\(colour.y);\(colour.z)" : "5;\(xtermIndex(colour))"
  }

  /// The nearest of xterm's colours: its cube of 6×6×6 (16 on) or its 24 greys (232 on).
  static func xtermIndex(_ colour: SIMD3<UInt8>) -> Int {
    let wanted = SIMD3<Int>(truncatingIfNeeded: colour)
    func distance(_ other: SIMD3<Int>) -> Int {
      let apart = wanted &- other
      return (apart &* apart).wrappedSum()
    }
    let steps = (0..<3).map { axis in
      cube.indices.min { abs(cube[$0] - wanted[axis]) < abs(cube[$1] - wanted[axis]) } ?? 0
    }
    let inCube = SIMD3(cube[steps[0]], cube[steps[1]], cube[steps[2]])
    let grey = min(max((wanted.wrappedSum() / 3 - 8 + 5) / 10, 0), 23)
    if distance(SIMD3(repeating: 8 + 10 * grey)) < distance(inCube) { return 232 + grey }
    return 16 + 36 * steps[0] + 6 * steps[1] + steps[2]
  }

  private static let cube = [0, 95, 135, 175, 215, 255]

  /// From dark to bright.
  private static let greys = Array(" .:-=+*")
  /// What no grey has: pixels in colour, such as an outline.
  private static let mark: Character = "@"
  /// Red, green and blue of a grey lie no further apart.
  private static let mostApart: UInt8 = 24

  private static func dense(_ picture: TerminalPicture) -> String {
    var text = ""
    for y in stride(from: 0, to: picture.height, by: 2) {
      for x in 0..<picture.width {
        let cell = (y..<min(y + 2, picture.height)).map { picture.pixels[$0 * picture.width + x] }
        if cell.contains(where: { $0.max() - $0.min() > mostApart }) {
          text.append(mark)
        } else {
          let brightness = cell.reduce(0) { $0 + Int($1.y) } / cell.count
          text.append(greys[brightness * greys.count / 256])
        }
      }
      while text.last == " " { text.removeLast() }
      text += "\n"
    }
    return text
  }
}
