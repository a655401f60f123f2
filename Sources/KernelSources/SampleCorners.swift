import Kernels

/// The corner with the least indices of the cell that a position lies in, and how far into the cell it lies.
private struct Cell {
  let x: Int
  let y: Int
  let z: Int
  let fraction: SIMD3<Float>
}

/// The cells of 16 positions of a line, in scratch memory: three rows of indices and three of fractions.
private struct LineCells {
  private let indices: UnsafeMutablePointer<Int32>
  private let fractions: UnsafeMutablePointer<Float>

  @inline(__always)
  init(_ line: SampleLine, first: Int, count: Int, scratch: UnsafeMutablePointer<Float>) {
    indices = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Int32.self)
    fractions = scratch + 48
    let place = Lanes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) + Float(first)
    for axis in 0..<3 {
      if axis == 2 && line.isPlanar {
        put(axis, index: SIMD16(repeating: 0), fraction: Lanes(repeating: 0))
      } else {
        var position = fma(
          Lanes(repeating: line.start[axis]), Lanes(repeating: line.step[axis]), place)
        if let offsets = line.offsets {
          position += load(offsets + (axis &* line.offsetStep &+ first), count: count)
        }
        // Adding 1.5·2²³ rounds to a whole number, which then stands in the low bits. The nearest to
        // x − ½ is x's floor, or for a whole x the number below: then the fraction is 1, as good.
        let shifted = (position - 0.5) + 12_582_912
        let bits = unsafeBitCast(shifted, to: SIMD16<Int32>.self)
        put(axis, index: bits &- 0x4B40_0000, fraction: position - (shifted - 12_582_912))
      }
    }
  }

  @inline(__always)
  private func put(_ axis: Int, index: SIMD16<Int32>, fraction: Lanes) {
    UnsafeMutableRawPointer(indices + 16 &* axis).storeBytes(of: index, as: SIMD16<Int32>.self)
    store(fraction, fractions + 16 &* axis)
  }

  @inline(__always)
  subscript(_ lane: Int) -> Cell {
    Cell(
      x: Int(indices[lane]), y: Int(indices[lane &+ 16]), z: Int(indices[lane &+ 32]),
      fraction: SIMD3(fractions[lane], fractions[lane &+ 16], fractions[lane &+ 32]))
  }
}

/// A cell's eight corners in the image, x fastest, then y, then z.
private struct ImageCorners {
  typealias Corner = UnsafePointer<Float>
  let near: (Corner, Corner, Corner, Corner)
  let far: (Corner, Corner, Corner, Corner)

  @inline(__always)
  init(near: (Corner, Corner, Corner, Corner), far: (Corner, Corner, Corner, Corner)) {
    (self.near, self.far) = (near, far)
  }

  @inline(__always)
  init(_ volume: VolumeRead, voxel: Int, slice: Int) {
    let row = volume.grid.width &* volume.channels
    let p = volume.image + voxel &* volume.channels
    let q = p + slice &* volume.channels
    near = (p, p + volume.channels, p + row, p + (row &+ volume.channels))
    far = (q, q + volume.channels, q + row, q + (row &+ volume.channels))
  }

  @inline(__always)
  func interpolate(_ cell: Cell, _ channels: Int, into out: UnsafeMutablePointer<Float>) {
    let f = cell.fraction
    var c = 0
    while c &+ 4 <= channels {
      let a = mix(
        mix(four(near.0 + c), four(near.1 + c), f.x), mix(four(near.2 + c), four(near.3 + c), f.x), f.y)
      let b = mix(mix(four(far.0 + c), four(far.1 + c), f.x), mix(four(far.2 + c), four(far.3 + c), f.x), f.y)
      UnsafeMutableRawPointer(out + c).storeBytes(of: mix(a, b, f.z), as: SIMD4<Float>.self)
      c &+= 4
    }
    while c < channels {
      let a = mix(mix(near.0[c], near.1[c], f.x), mix(near.2[c], near.3[c], f.x), f.y)
      let b = mix(mix(far.0[c], far.1[c], f.x), mix(far.2[c], far.3[c], f.x), f.y)
      out[c] = mix(a, b, f.z)
      c &+= 1
    }
  }
}

@inline(__always)
private func four(_ p: UnsafePointer<Float>) -> SIMD4<Float> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD4<Float>.self)
}

/// a + f·(b − a).
@inline(__always)
private func mix(_ a: SIMD4<Float>, _ b: SIMD4<Float>, _ f: Float) -> SIMD4<Float> {
  #if SEGFED_AVX512 || SEGFED_AVX2
    a.addingProduct(b - a, SIMD4(repeating: f))
  #else
    a + (b - a) * f
  #endif
}

@inline(__always)
private func mix(_ a: Float, _ b: Float, _ f: Float) -> Float { fma(a, b - a, f) }

/// The labels of a cell inside the volume, read in pairs along x.
private struct LabelCorners {
  private let near: (UInt16, UInt16)
  private let far: (UInt16, UInt16)

  @inline(__always)
  init(_ p: UnsafePointer<UInt8>, row: Int, slice: Int) {
    let raw = UnsafeRawPointer(p)
    near = (raw.loadUnaligned(as: UInt16.self), raw.loadUnaligned(fromByteOffset: row, as: UInt16.self))
    far = (
      raw.loadUnaligned(fromByteOffset: slice, as: UInt16.self),
      raw.loadUnaligned(fromByteOffset: slice &+ row, as: UInt16.self)
    )
  }

  @inline(__always) var first: UInt8 { UInt8(truncatingIfNeeded: near.0) }

  @inline(__always)
  var isUniform: Bool {
    near.0 == near.1 && near.0 == far.0 && near.0 == far.1 && near.0 &>> 8 == near.0 & 0xff
  }

  @inline(__always)
  var values: SIMD8<UInt8> {
    let pairs = SIMD4(
      near.0.littleEndian, near.1.littleEndian, far.0.littleEndian, far.1.littleEndian)
    return unsafeBitCast(pairs, to: SIMD8<UInt8>.self)
  }
}

/// The class with the most weight among a cell's corners, the lowest of those with as much.
@inline(never)
private func vote(_ labels: SIMD8<UInt8>, _ cell: Cell) -> UInt8 {
  let (f, g) = (cell.fraction, 1 - cell.fraction)
  let weights = SIMD8<Float>(
    g.x * g.y * g.z, f.x * g.y * g.z, g.x * f.y * g.z, f.x * f.y * g.z,
    g.x * g.y * f.z, f.x * g.y * f.z, g.x * f.y * f.z, f.x * f.y * f.z)
  var best = labels[0]
  var most: Float = -1
  for i in 0..<8 {
    let label = labels[i]
    var total: Float = 0
    for k in 0..<8 where labels[k] == label { total += weights[k] }
    if total > most || (total == most && label < best) {
      most = total
      best = label
    }
  }
  return best
}

/// The corners of a cell that reaches beyond the volume: a voxel each, −1 outside.
private struct EdgeCorners {
  private var voxels = SIMD8<Int>(repeating: -1)

  @inline(__always) var isOutside: Bool { voxels == SIMD8(repeating: -1) }

  @inline(__always)
  init(_ volume: VolumeRead, _ cell: Cell, isPlanar: Bool) {
    let grid = volume.grid
    for corner in 0..<8 {
      let x = cell.x &+ corner & 1
      let y = cell.y &+ (corner &>> 1) & 1
      let z = isPlanar ? 0 : cell.z &+ corner &>> 2
      let isInside = x >= 0 && x < grid.width && y >= 0 && y < grid.height && z >= 0 && z < grid.depth
      if isInside { voxels[corner] = (z &* grid.height &+ y) &* grid.width &+ x }
    }
  }

  @inline(__always)
  func image(_ volume: VolumeRead) -> ImageCorners {
    ImageCorners(
      near: (corner(0, volume), corner(1, volume), corner(2, volume), corner(3, volume)),
      far: (corner(4, volume), corner(5, volume), corner(6, volume), corner(7, volume)))
  }

  @inline(__always)
  private func corner(_ index: Int, _ volume: VolumeRead) -> UnsafePointer<Float> {
    voxels[index] < 0 ? volume.zeros : volume.image + voxels[index] &* volume.channels
  }

  @inline(__always)
  func labels(_ volume: VolumeRead) -> SIMD8<UInt8> {
    var labels = SIMD8<UInt8>(repeating: volume.outside)
    for corner in 0..<8 where voxels[corner] >= 0 { labels[corner] = volume.labels[voxels[corner]] }
    return labels
  }
}
