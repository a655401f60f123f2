import Foundation

extension Page {
  /// A case to look through slice by slice. `viewer.js` draws it from atlases of slices (`Pictures`, `ViewerVolumes`).
  package struct Viewer: Sendable {
    package let title: String
    /// What must be said of it, such as that voxels were put together.
    package let note: String?
    package let about: About
    /// A PNG in grey for each contrast.
    package let scans: [Data]
    /// A PNG: reference, prediction and uncertainty as red, green and blue.
    package let labels: Data
    /// PNGs of three maps each.
    package let heat: [Data]

    package init(
      title: String, note: String?, about: About, scans: [Data], labels: Data, heat: [Data]
    ) {
      (self.title, self.note, self.about) = (title, note, about)
      (self.scans, self.labels, self.heat) = (scans, labels, heat)
    }
  }

  /// What the atlases hold, as the script reads it.
  package struct About: Sendable, Encodable {
    package struct Contrast: Sendable, Encodable {
      package let name: String
      /// The values that are 0 and 255 in the atlas.
      package let black: Double
      package let white: Double

      package init(name: String, black: Double, white: Double) {
        (self.name, self.black, self.white) = (name, black, white)
      }
    }

    package struct Label: Sendable, Encodable {
      package let name: String
      /// Red, green, blue.
      package let colour: [Int]

      package init(name: String, colour: [Int]) {
        (self.name, self.colour) = (name, colour)
      }
    }

    package struct Plane: Sendable, Encodable {
      package let name: String
      /// The volume's axes that run along and down the picture, and the one that slices lie across.
      package let across: Int
      package let down: Int
      package let normal: Int
      /// Whether both run against the picture's.
      package let isTurned: Bool
      /// What lies at the left edge; empty where it is not known.
      package let mark: String

      package init(name: String, across: Int, down: Int, normal: Int, isTurned: Bool, mark: String) {
        (self.name, self.across, self.down, self.normal) = (name, across, down, normal)
        (self.isTurned, self.mark) = (isTurned, mark)
      }
    }

    package var contrasts: [Contrast] = []
    package var labels: [Label] = []
    package var labelStep = 1
    package var regions: [String] = []
    package var hasReference = true
    package var planes: [Plane] = []
    /// Voxels of the atlas along x, y, z, and slices in a row of it.
    package var size: [Int] = []
    package var columns = 1
    /// In mm.
    package var spacing: [Double] = []
    /// The whole scan's voxels, and the first of them that is in the atlas.
    package var whole: [Int] = []
    package var origin: [Int] = []
    /// Voxels of the scan along x and y that are one of the atlas.
    package var thinning = 1
    /// Where the viewer begins, in the atlas' voxels.
    package var focus: [Int] = []

    package init() {}
  }
}
