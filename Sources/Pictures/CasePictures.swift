import Imaging

/// Pictures of a case: slices through the lesion, one for each plane.
package struct CasePictures: Sendable {
  /// Pixels along a tile's side: about one for each millimetre of a head.
  package static let side = 240

  private let layers: CaseLayers
  private let planes: [SlicePlane]
  private let clearest: Int
  private let millimetres: Double

  package init(_ layers: CaseLayers) {
    self.layers = layers
    planes = layers.planes
    clearest = layers.clearest
    let spacing = layers.prediction.geometry.spacing
    millimetres = planes.flatMap { [$0.across, $0.down] }.reduce(0) {
      max($0, Double(layers.size[$1]) * spacing[$1])
    }
  }

  /// Whether there is nothing to see: a scan that is a mere line.
  package var isEmpty: Bool { planes.isEmpty }

  /// The contrast behind the maps.
  package var background: String { layers.scans[clearest].contrast }

  /// A row for each contrast; the reference outlined, and the prediction in dashes over it.
  package func outlines() -> RenderedPicture {
    SlicePicture.rendered(layers.scans.indices.map { scan in row(scan) { _, _ in } })
  }

  /// What prediction and reference agree on and what not; nil without a reference.
  package func errors() -> RenderedPicture? {
    layers.errors.map { errors in
      SlicePicture.rendered([
        row(clearest, isOutlined: false) { tile, plane in
          tile.paint(errors, layers.prediction.geometry, plane, at: layers.focus)
        }
      ])
    }
  }

  /// How undecided the model is.
  package func uncertainty() -> RenderedPicture { tinted(layers.entropy) }

  /// Where the model looked for a region, by its place among them.
  package func heat(_ index: Int) -> RenderedPicture { tinted(layers.heat[index].volume) }

  /// A legend's sample of a kind.
  package static func sample(of kind: ErrorMap.Kind) -> RenderedPicture {
    SlicePicture.rendered([[SliceTile.sample(of: kind, side: 24)]])
  }

  /// Red, green, blue of a label's line.
  package static func colour(ofLabel label: UInt16) -> SIMD3<UInt8> { PNG.colour(ofLabel: label) }

  /// A legend's sample of a label's line.
  package static func sample(ofLabel label: UInt16) -> RenderedPicture {
    var tile = SliceTile(millimetres: 24, side: 24)
    for pixel in tile.pixels.indices { tile.pixels[pixel] = PNG.colour(ofLabel: label) }
    return SlicePicture.rendered([[tile]])
  }

  private func tinted(_ map: Volume) -> RenderedPicture {
    SlicePicture.rendered([
      row(clearest) { tile, plane in tile.tint(map, plane, at: layers.focus) }
    ])
  }

  private func row(
    _ index: Int, isOutlined: Bool = true, _ cover: (inout SliceTile, SlicePlane) -> Void
  ) -> [SliceTile] {
    let scan = layers.scans[index]
    return planes.map { plane in
      var tile = SliceTile(millimetres: millimetres, side: Self.side)
      tile.draw(scan.volume, plane, at: layers.focus, black: scan.black, white: scan.white)
      cover(&tile, plane)
      if isOutlined {
        if let reference = layers.reference { tile.outline(reference, plane, at: layers.focus) }
        tile.outline(
          layers.prediction, plane, at: layers.focus, style: layers.reference == nil ? .solid : .dashed)
      }
      if layers.view == .patient { tile.mark(plane.mark) }
      return tile
    }
  }
}
