import Foundation

/// A picture for a terminal.
package struct TerminalPicture: Sendable, Equatable {
  package let width: Int
  package let height: Int
  /// `width · height` pixels, row by row: red, green, blue.
  package let pixels: [SIMD3<UInt8>]
  /// The same as a PNG file, which two protocols carry; nil: Kitty is given the pixels, iTerm2 nothing.
  package let png: Data?

  package init(width: Int, height: Int, pixels: [SIMD3<UInt8>], png: Data? = nil) {
    precondition(
      width > 0 && height > 0 && pixels.count == width * height,
      "a picture has as many pixels as its sides say")
    (self.width, self.height, self.pixels, self.png) = (width, height, pixels, png)
  }

  /// What a terminal is sent to show the picture, the cursor below it in the end.
  package func text(for images: ImageProtocol, colours: TerminalCapabilities.Colours) -> String {
    switch images {
    case .kitty: KittyGraphics.text(self)
    case .iterm2: InlineImage.text(self)
    case .sixel: Sixel.text(self)
    case .blocks: BlockCharacters.text(self, colours: colours)
    }
  }
}

/// Kitty's graphics protocol (sw.kovidgoyal.net/kitty/graphics-protocol): `ESC _ G keys ; base64 ESC \`.
enum KittyGraphics {
  /// Characters of base64 in one command, the most that the protocol lets pass.
  static let chunk = 4096

  static func text(_ picture: TerminalPicture) -> String {
    let data = picture.png ?? Data(picture.pixels.flatMap { [$0.x, $0.y, $0.z] })
    let format = picture.png == nil ? "f=24,s=\(picture.width),v=\(picture.height)" : "f=100"
    let payload = Array(data.base64EncodedString().utf8)
    var text = ""
    for start in stride(from: 0, to: payload.count, by: chunk) {
      let end = min(payload.count, start + chunk)
      // q=2: no answer, which would be read as if it were typed.
      let keys = start == 0 ? "a=T,\(format),q=2," : ""
      text += "\u{1B}_G\(keys)m=\(end < payload.count ? 1 : 0);"
      text += String(decoding: payload[start..<end], as: UTF8.self) + "\u{1B}\\"
    }
    return text + "\n"
  }
}

/// iTerm2's inline images (iterm2.com/documentation-images): `ESC ] 1337 ; File = … : base64 BEL`.
enum InlineImage {
  static func text(_ picture: TerminalPicture) -> String {
    guard let png = picture.png else { return "" }
    return
      "\u{1B}]1337;File=inline=1;size=\(png.count);preserveAspectRatio=1:\(png.base64EncodedString())\u{7}\n"
  }
}
