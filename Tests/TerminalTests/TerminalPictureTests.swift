import Foundation
import Imaging
import Terminal
import TestSupport
import Testing

@Suite struct TerminalPictureTests {
  /// Greys with two outlines, as slices are.
  static func slice(_ width: Int, _ height: Int) -> TerminalPicture {
    let pixels = (0..<width * height).map { place -> SIMD3<UInt8> in
      let (x, y) = (place % width, place / width)
      if x == width / 2 { return SIMD3(230, 75, 53) }
      if y == height / 3 { return SIMD3(0, 160, 135) }
      return SIMD3(repeating: UInt8((x * 7 + y * 3) % 256))
    }
    return TerminalPicture(width: width, height: height, pixels: pixels)
  }

  /// More colours than a palette holds.
  static let colourful = TerminalPicture(
    width: 61, height: 43,
    pixels: (0..<61 * 43).map { (place: Int) -> SIMD3<UInt8> in
      let colour = SIMD3<Int>(place % 61 * 4, place / 61 * 5, place * 37 % 251)
      return SIMD3<UInt8>(truncatingIfNeeded: colour)
    })

  private func withPNG(_ picture: TerminalPicture) throws -> TerminalPicture {
    let samples = picture.pixels.flatMap { [$0.x, $0.y, $0.z] }
    return TerminalPicture(
      width: picture.width, height: picture.height, pixels: picture.pixels,
      png: PNG.data(of: samples, width: picture.width, height: picture.height, channels: 3))
  }

  private func pixels(ofPNG data: Data) throws -> [SIMD3<UInt8>] {
    let folder = try TemporaryFolder()
    let channels = try PNG.readImage(try folder.write(data, "picture.png"))
    return channels[0].voxels.indices.map { place in
      SIMD3(
        UInt8(channels[0].voxels[place]), UInt8(channels[1].voxels[place]), UInt8(channels[2].voxels[place]))
    }
  }

  /// Bytes below 32 and above 126 are the protocol's own.
  private func controls(_ text: String) -> Set<UInt8> { Set(text.utf8.filter { $0 < 0x20 || $0 > 0x7E }) }

  @Test(arguments: [(1, 1), (3, 2), (32, 24), (200, 133)]) func kitty(width: Int, height: Int) throws {
    let picture = Self.slice(width, height)
    let raw = try PictureDecoding.kitty(picture.text(for: .kitty, colours: .full))
    #expect(raw.keys[0].hasPrefix("a=T,f=24,s=\(width),v=\(height),q=2,"))
    #expect(Array(raw.payload) == picture.pixels.flatMap { [$0.x, $0.y, $0.z] })
    let text = try withPNG(picture).text(for: .kitty, colours: .none)
    let png = try PictureDecoding.kitty(text)
    #expect(png.keys[0].hasPrefix("a=T,f=100,q=2,"))
    #expect(try pixels(ofPNG: png.payload) == picture.pixels)
    for (keys, chunks) in [(raw.keys, raw.chunks), (png.keys, png.chunks)] {
      #expect(
        chunks.dropLast().allSatisfy { $0.utf8.count == 4096 } && (chunks.last?.utf8.count ?? 0) <= 4096)
      #expect(keys.map { $0.suffix(3) } == keys.indices.map { $0 + 1 < keys.count ? "m=1" : "m=0" })
      #expect(keys.dropFirst().allSatisfy { ["m=0", "m=1"].contains($0) })
    }
    #expect(controls(text) == [0x1B, 0x0A])
  }

  @Test func iterm2() throws {
    let picture = try withPNG(Self.slice(50, 41))
    let text = picture.text(for: .iterm2, colours: .full)
    let match = try #require(
      text.wholeMatch(
        of: /\u{1B}\]1337;File=inline=1;size=(\d+);preserveAspectRatio=1:([A-Za-z0-9+\/=]+)\u{7}\n/))
    let data = try #require(Data(base64Encoded: String(match.2)))
    #expect(Int(match.1) == data.count)
    #expect(try pixels(ofPNG: data) == picture.pixels)
    #expect(controls(text) == [0x1B, 0x07, 0x0A])
  }

  @Test(arguments: [(1, 1), (5, 6), (7, 13), (300, 90)]) func sixelsKeepFewColours(width: Int, height: Int)
    throws
  {
    let picture = Self.slice(width, height)
    let text = picture.text(for: .sixel, colours: .full)
    let decoded = try SixelPicture(text)
    #expect(decoded.width == width && decoded.height == height)
    #expect(decoded.pixels.count == width * height && decoded.colours.count <= 256)
    for (place, pixel) in picture.pixels.enumerated() {
      let found = try #require(decoded.pixels[SIMD2(place % width, place / width)])
      for axis in 0..<3 { #expect(abs(Double(found[axis]) * 2.55 - Double(pixel[axis])) <= 1.3) }
    }
    #expect(controls(text) == [0x1B, 0x0A])
    // A run of equal columns is told by its length.
    #expect(width < 300 || text.contains("!"))
    #expect(text.matches(of: /!(\d+)/).allSatisfy { (4...255).contains(Int($0.1) ?? 0) })
  }

  @Test func sixelsOfManyColoursStayNear() throws {
    let picture = Self.colourful
    let decoded = try SixelPicture(picture.text(for: .sixel, colours: .full))
    #expect(decoded.colours.count == 256 && decoded.pixels.count == picture.pixels.count)
    var sum = 0.0
    for (place, pixel) in picture.pixels.enumerated() {
      let found = try #require(decoded.pixels[SIMD2(place % 61, place / 61)])
      for axis in 0..<3 { sum += abs(Double(found[axis]) * 2.55 - Double(pixel[axis])) }
    }
    #expect(sum / Double(3 * picture.pixels.count) < 12)
    // Nothing in it hangs on the order of a hash table.
    #expect(SixelPalette(picture.pixels) == SixelPalette(picture.pixels))
  }

  @Test(arguments: [(1, 1), (4, 6), (31, 17)]) func blocksInFullColour(width: Int, height: Int) throws {
    let picture = Self.slice(width, height)
    let text = picture.text(for: .blocks, colours: .full)
    let rows = try PictureDecoding.blocks(text)
    #expect(rows.count == height + height % 2 && rows.allSatisfy { $0.count == width })
    #expect(Array(rows.joined().prefix(width * height)) == picture.pixels)
    #expect(rows.joined().dropFirst(width * height).allSatisfy { $0 == nil })
    #expect(text.utf8.filter { $0 < 0x20 }.allSatisfy { $0 == 0x1B || $0 == 0x0A })
    // Each line leaves the terminal as it was.
    #expect(text.split(separator: "\n").allSatisfy { $0.hasSuffix("\u{1B}[0m") })
  }

  /// Of xterm's colours none is nearer than the one that is taken.
  @Test func blocksOf256Colours() throws {
    let picture = Self.colourful
    let rows = try PictureDecoding.blocks(picture.text(for: .blocks, colours: .palette))
    let levels = [0, 95, 135, 175, 215, 255]
    func distance(_ a: SIMD3<Int>, _ b: SIMD3<Int>) -> Int { ((a &- b) &* (a &- b)).wrappedSum() }
    for place in stride(from: 0, to: picture.pixels.count, by: 7) {
      let wanted = SIMD3<Int>(truncatingIfNeeded: picture.pixels[place])
      let found = try #require(rows[place / 61][place % 61])
      var least = Int.max
      for r in levels {
        for g in levels { for b in levels { least = min(least, distance(wanted, SIMD3(r, g, b))) } }
      }
      for grey in 0..<24 { least = min(least, distance(wanted, SIMD3(repeating: 8 + 10 * grey))) }
      #expect(distance(wanted, SIMD3<Int>(truncatingIfNeeded: found)) <= least + 12)
    }
  }

  /// Without colours greys are as dense as they are bright, and what has a colour is a character of its own.
  @Test(arguments: [TerminalCapabilities.Colours.none, .sixteen])
  func blocksWithoutColour(colours: TerminalCapabilities.Colours) {
    let greys: [UInt8] = [0, 40, 80, 120, 160, 200, 255]
    let pixels = greys.map { SIMD3(repeating: $0) } + [SIMD3(230, 75, 53), SIMD3(repeating: 0)]
    let picture = TerminalPicture(width: 9, height: 2, pixels: pixels + pixels)
    #expect(picture.text(for: .blocks, colours: colours) == " .:-=+*@\n")
    #expect(BlockCharacters.swatch(SIMD3(1, 2, 3), colours) == "")
  }

  /// Decoded by programs that share no code with the encoders: Pillow for PNG, a reading of the manuals for the rest.
  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage), arguments: ImageProtocol.allCases)
  func anotherDecoderAgrees(images: ImageProtocol) throws {
    let picture = try withPNG(Self.slice(123, 77))
    let text = picture.text(for: images, colours: .full)
    let output = try PythonReference.run(
      script: "terminal_reference.py", arguments: [images.rawValue], input: Data(text.utf8))
    let lines = output.split(separator: UInt8(ascii: "\n"), maxSplits: 1)
    #expect(String(decoding: lines[0], as: UTF8.self) == "123 \(images == .blocks ? 78 : 77)")
    let samples = Array(lines[1].prefix(123 * 77 * 3))
    let wanted = picture.pixels.flatMap { [$0.x, $0.y, $0.z] }
    #expect(samples.count == wanted.count)
    let apart = zip(samples, wanted).map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(apart <= (images == .sixel ? 2 : 0))
  }
}
