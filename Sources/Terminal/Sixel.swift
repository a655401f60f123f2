/// Sixels (VT330/VT340 Programmer Reference Manual, chapter 14): bands of six rows, a pass over each for every colour in it.
enum Sixel {
  static func text(_ picture: TerminalPicture) -> String {
    let palette = SixelPalette(picture.pixels)
    var bytes = [UInt8]("\u{1B}P0;1;0q\"1;1;\(picture.width);\(picture.height)".utf8)
    for (index, colour) in palette.colours.enumerated() {
      bytes += "#\(index);2;\(colour.x);\(colour.y);\(colour.z)".utf8
    }
    for first in stride(from: 0, to: picture.height, by: 6) {
      append(first..<min(first + 6, picture.height), of: picture, palette, to: &bytes)
      bytes.append(newLine)
    }
    return String(decoding: bytes, as: UTF8.self) + "\u{1B}\\\n"
  }

  private static let newLine = UInt8(ascii: "-")
  private static let sameLine = UInt8(ascii: "$")
  /// A column of six pixels none of which has the colour.
  private static let nothing = UInt8(ascii: "?")
  /// As many as older terminals repeat.
  private static let longestRun = 255

  private static func append(
    _ rows: Range<Int>, of picture: TerminalPicture, _ palette: SixelPalette, to bytes: inout [UInt8]
  ) {
    let width = picture.width
    var columns = [UInt8](repeating: 0, count: palette.colours.count * width)
    var isThere = [Bool](repeating: false, count: palette.colours.count)
    for (bit, row) in rows.enumerated() {
      for x in 0..<width {
        let colour = Int(palette.indices[row * width + x])
        isThere[colour] = true
        columns[colour * width + x] |= 1 << bit
      }
    }
    var isFirst = true
    for colour in isThere.indices where isThere[colour] {
      if !isFirst { bytes.append(sameLine) }
      isFirst = false
      bytes += "#\(colour)".utf8
      append(columns[colour * width..<(colour + 1) * width], to: &bytes)
    }
  }

  /// A colour's pass over a band, runs of equal columns told by their length.
  private static func append(_ columns: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
    var rest = columns
    while let last = rest.last, last == 0 { rest = rest.dropLast() }
    while let first = rest.first {
      let run = min(rest.prefix { $0 == first }.count, longestRun)
      let sixel = nothing + first
      // "!3x" is no shorter than "xxx".
      if run > 3 {
        bytes += "!\(run)".utf8
        bytes.append(sixel)
      } else {
        bytes += [UInt8](repeating: sixel, count: run)
      }
      rest = rest.dropFirst(run)
    }
  }
}
