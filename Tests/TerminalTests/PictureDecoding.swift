import Foundation
import Testing

/// What terminals make of what they are sent, written from the protocols' descriptions.
enum PictureDecoding {
  /// Text of `▀` with colours: two pixels a character; nil below the last row of a picture with an odd number of rows.
  static func blocks(_ text: String) throws -> [[SIMD3<UInt8>?]] {
    var rows: [[SIMD3<UInt8>?]] = []
    for line in text.split(separator: "\n") {
      var (upper, lower): (SIMD3<UInt8>?, SIMD3<UInt8>?) = (nil, nil)
      var (above, below): ([SIMD3<UInt8>?], [SIMD3<UInt8>?]) = ([], [])
      var rest = Substring(line)
      while let character = rest.popFirst() {
        if character == "▀" {
          above.append(upper)
          below.append(lower)
          continue
        }
        try #require(character == "\u{1B}" && rest.first == "[")
        let end = try #require(rest.firstIndex(of: "m"))
        let numbers = rest[..<end].dropFirst().split(separator: ";").compactMap { Int($0) }
        rest = rest[rest.index(after: end)...]
        if numbers == [0] {
          (upper, lower) = (nil, nil)
        } else if numbers[0] == 38 {
          upper = try colour(numbers)
        } else {
          try #require(numbers[0] == 48)
          lower = try colour(numbers)
        }
      }
      rows += [above, below]
    }
    return rows
  }

  /// `38;2;r;g;b` or `38;5;index`.
  private static func colour(_ numbers: [Int]) throws -> SIMD3<UInt8> {
    if numbers[1] == 2 { return SIMD3(UInt8(numbers[2]), UInt8(numbers[3]), UInt8(numbers[4])) }
    try #require(numbers[1] == 5 && numbers.count == 3)
    if numbers[2] >= 232 { return SIMD3(repeating: UInt8(8 + 10 * (numbers[2] - 232))) }
    let levels: [UInt8] = [0, 95, 135, 175, 215, 255]
    let place = numbers[2] - 16
    return SIMD3(levels[place / 36], levels[place / 6 % 6], levels[place % 6])
  }

  /// Kitty's commands: their keys, and the payload of all together.
  static func kitty(_ text: String) throws -> (keys: [String], chunks: [String], payload: Data) {
    var (keys, chunks): ([String], [String]) = ([], [])
    let commands = text.components(separatedBy: "\u{1B}\\")
    #expect(commands.last == "\n")
    for command in commands.dropLast() {
      try #require(command.hasPrefix("\u{1B}_G"))
      let parts = command.dropFirst(3).split(separator: ";", maxSplits: 1)
      keys.append(String(parts[0]))
      chunks.append(String(parts[1]))
    }
    return (keys, chunks, try #require(Data(base64Encoded: chunks.joined())))
  }
}

/// A sixel picture, decoded.
struct SixelPicture {
  private(set) var width = 0
  private(set) var height = 0
  /// By row and column, in per cent.
  private(set) var pixels: [SIMD2<Int>: SIMD3<Int>] = [:]
  private(set) var colours: [Int: SIMD3<Int>] = [:]

  init(_ text: String) throws {
    try #require(text.hasPrefix("\u{1B}P") && text.hasSuffix("\u{1B}\\\n"))
    var rest = text.dropFirst(2).dropLast(3)
    let start = try #require(rest.firstIndex(of: "q"))
    rest = rest[rest.index(after: start)...]
    var (x, top, colour, repetitions) = (0, 0, 0, 1)
    func numbers(_ rest: inout Substring) -> [Int] {
      let text = rest.prefix { $0.isNumber || $0 == ";" }
      rest = rest.dropFirst(text.count)
      return text.split(separator: ";").compactMap { Int($0) }
    }
    while let character = rest.popFirst() {
      switch character {
      case "\"":
        let values = numbers(&rest)
        (width, height) = (values[2], values[3])
      case "#":
        let values = numbers(&rest)
        colour = values[0]
        if values.count == 5 { colours[colour] = SIMD3(values[2], values[3], values[4]) }
      case "!": repetitions = numbers(&rest)[0]
      case "$": x = 0
      case "-": (x, top) = (0, top + 6)
      default:
        let bits = Int(try #require(character.asciiValue)) - 63
        try #require((0..<64).contains(bits), "\(character)")
        for _ in 0..<repetitions {
          for bit in 0..<6 where bits >> bit & 1 == 1 { pixels[SIMD2(x, top + bit)] = colours[colour] }
          x += 1
        }
        repetitions = 1
      }
    }
  }
}
