import Imaging

/// How slices of a file are laid out.
package enum SliceView: Sendable {
  /// Radiological: the patient's right at the left, front or head at the top, sides marked.
  case patient
  /// The same without marks, where the header does not tell the sides.
  case doubtful
  /// A PNG as it lies: i to the right, j downwards.
  case picture

  /// What brings a scan's axes to the order that slices are cut in.
  func permutation(of geometry: Geometry) -> AxisPermutation {
    self == .picture ? .identity : geometry.affine.permutationToRAS
  }
}

/// A row of a picture: slices of a case's first scans, labels outlined, a map over them.
package struct SliceRow: Sendable {
  /// Volumes give three tiles each, single slices one.
  static let mostTiles = 6

  package private(set) var tiles: [SliceTile] = []
  /// The labels' centre of mass, in voxels of the label map.
  private var centre: (size: SIMD3<Int>, voxel: SIMD3<Int>)?

  private let choice: SliceChoice

  package init(_ choice: SliceChoice = SliceChoice()) { self.choice = choice }

  package var isEmpty: Bool { tiles.isEmpty }

  /// Slices will go through the centre of mass of all labels; without one, through the grid's middle.
  package mutating func aim(at map: LabelVolume) {
    let size = map.geometry.size
    var sums = SIMD3<Int>.zero
    var count = 0
    for k in 0..<size.z {
      for j in 0..<size.y {
        let start = map.geometry.offset(0, j, k)
        for i in 0..<size.x where map.labels[start + i] != 0 {
          sums &+= SIMD3(i, j, k)
          count += 1
        }
      }
    }
    guard count > 0 else { return }
    // To the nearest, so that it does not matter which way an axis runs.
    var voxel = SIMD3<Int>.zero
    for axis in 0..<3 { voxel[axis] = (2 * sums[axis] + count) / (2 * count) }
    centre = (size, voxel)
  }

  /// Adds a scan's middle slices, while there is room: grey from `black` to `white`.
  ///
  /// `labels` and `heat`, a map from 0 to 1, are drawn where they have the scan's size.
  package mutating func add(
    _ scan: Volume, labels: LabelVolume?, heat: Volume? = nil, black: Double, white: Double, view: SliceView
  ) {
    add(
      scan, outlines: labels.map { [SliceOutline($0)] } ?? [], heat: heat, black: black, white: white,
      view: view)
  }

  /// The same with several label maps, later ones over earlier ones.
  package mutating func add(
    _ scan: Volume, outlines: [SliceOutline], heat: Volume? = nil, black: Double, white: Double,
    view: SliceView
  ) {
    let size = scan.geometry.size
    let permutation = view.permutation(of: scan.geometry)
    let extent = permutation.size(of: size)
    let planes = SlicePlane.all(view).filter { plane in
      plane.isShown(extent) && choice.planes.contains { $0.normal == plane.normal }
    }
    guard tiles.count + planes.count <= Self.mostTiles else { return }
    let turned = scan.permuted(permutation)
    let outlines = outlines.filter { $0.map.geometry.size == size }.map {
      SliceOutline($0.map.permuted(permutation), style: $0.style)
    }
    let heat = heat.flatMap { $0.geometry.size == size ? $0.permuted(permutation) : nil }
    let voxel = place(in: scan.geometry, view: view)
    let spacing = turned.geometry.spacing
    let longest = planes.flatMap { [$0.across, $0.down] }.reduce(0.0) {
      max($0, Double(extent[$1]) * spacing[$1])
    }
    for plane in planes {
      var tile = SliceTile(millimetres: longest, side: choice.side)
      tile.draw(turned, plane, at: voxel, black: black, white: white)
      if let heat { tile.tint(heat, plane, at: voxel) }
      for outline in outlines { tile.outline(outline.map, plane, at: voxel, style: outline.style) }
      if view == .patient { tile.mark(plane.mark) }
      tiles.append(tile)
    }
  }

  /// The voxel that a scan's slices go through, in the order that they are cut in: RAS, but for pictures.
  package func place(in geometry: Geometry, view: SliceView) -> SIMD3<Int> {
    let permutation = view.permutation(of: geometry)
    let extent = permutation.size(of: geometry.size)
    if let slice = choice.slice { return SIMD3(repeating: slice) }
    var voxel = SIMD3(extent.x / 2, extent.y / 2, extent.z / 2)
    guard let centre, centre.size == geometry.size else { return voxel }
    for axis in 0..<3 {
      let place = centre.voxel[permutation.sources[axis]]
      voxel[axis] = permutation.flips[axis] ? extent[axis] - 1 - place : place
    }
    return voxel
  }
}

/// Which axes of a volume (x, y, z in RAS) a slice shows, and from where.
package struct SlicePlane: Sendable, Equatable {
  package let across: Int
  package let down: Int
  package let normal: Int
  /// Whether the axes run against the picture's: to the left, and upwards.
  package let isTurned: Bool
  /// What lies at the left edge: the patient's right, or front (anterior).
  let mark: SliceMark

  /// Whether it is more than a line of a grid of `extent` voxels.
  func isShown(_ extent: SIMD3<Int>) -> Bool { extent[across] > 1 && extent[down] > 1 }

  /// As it is called where the patient's sides are known; else by the axis that its slices lie across.
  package func name(in view: SliceView) -> String {
    switch view {
    case .patient: ["sagittal", "coronal", "axial"][normal]
    case .doubtful: ["across x", "across y", "across z"][normal]
    case .picture: "picture"
    }
  }

  /// The letter at the left edge; empty where sides are not known.
  package func letter(in view: SliceView) -> String {
    view == .patient ? (mark == .right ? "R" : "A") : ""
  }

  static func all(_ view: SliceView) -> [SlicePlane] {
    if view == .picture { return [SlicePlane(across: 0, down: 1, normal: 2, isTurned: false, mark: .right)] }
    return [
      SlicePlane(across: 0, down: 1, normal: 2, isTurned: true, mark: .right),
      SlicePlane(across: 0, down: 2, normal: 1, isTurned: true, mark: .right),
      SlicePlane(across: 1, down: 2, normal: 0, isTurned: true, mark: .anterior),
    ]
  }
}

/// A letter of 5×7 pixels, a bit each, the leftmost the highest.
enum SliceMark: Sendable, Equatable {
  case right
  case anterior

  var rows: [UInt8] {
    switch self {
    case .right: [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001]
    case .anterior: [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001]
    }
  }
}
