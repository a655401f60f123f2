import Kernels

extension CompiledKernels {
  package static func sampleLine(
    _ line: SampleLine, of volume: VolumeRead, image: UnsafeMutablePointer<Float>,
    labels: UnsafeMutablePointer<UInt8>, scratch: UnsafeMutablePointer<Float>
  ) {
    let grid = volume.grid
    let slice = line.isPlanar ? 0 : grid.height &* grid.width
    var done = 0
    while done < line.count {
      let lanes = min(16, line.count &- done)
      let cells = LineCells(line, first: done, count: lanes, scratch: scratch)
      for lane in 0..<lanes {
        let cell = cells[lane]
        let isInner =
          cell.x >= 0 && cell.x < grid.width &- 1 && cell.y >= 0 && cell.y < grid.height &- 1
          && (line.isPlanar || (cell.z >= 0 && cell.z < grid.depth &- 1))
        let out = image + (done &+ lane) &* volume.channels
        if isInner {
          let voxel = cell.z &* slice &+ cell.y &* grid.width &+ cell.x
          ImageCorners(volume, voxel: voxel, slice: slice).interpolate(cell, volume.channels, into: out)
          let corners = LabelCorners(volume.labels + voxel, row: grid.width, slice: slice)
          labels[done &+ lane] = corners.isUniform ? corners.first : vote(corners.values, cell)
        } else {
          let edge = EdgeCorners(volume, cell, isPlanar: line.isPlanar)
          edge.image(volume).interpolate(cell, volume.channels, into: out)
          labels[done &+ lane] = edge.isOutside ? volume.outside : vote(edge.labels(volume), cell)
        }
      }
      done &+= 16
    }
  }

  package static func fill(
    _ image: UnsafeMutablePointer<Float>, where labels: UnsafePointer<UInt8>, are label: UInt8, count: Int,
    channels: Int, values: UnsafePointer<Float>
  ) {
    let eightTimes = UInt64(label) &* 0x0101_0101_0101_0101
    var voxel = 0
    while voxel < count {
      // Eight labels at once, none of which is it: no byte of the difference is 0.
      if voxel &+ 8 <= count {
        let difference = UnsafeRawPointer(labels + voxel).loadUnaligned(as: UInt64.self) ^ eightTimes
        if (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080 == 0 {
          voxel &+= 8
          continue
        }
      }
      if labels[voxel] == label {
        let to = image + voxel &* channels
        for channel in 0..<channels { to[channel] = values[channel] }
      }
      voxel &+= 1
    }
  }

  package static func splitChannels(
    _ line: UnsafePointer<Float>, count: Int, channels: Int, into planes: UnsafeMutablePointer<Float>,
    planeStep: Int
  ) {
    var i = 0
    if channels == 4 {
      while i &+ 16 <= count {
        let from = line + 4 &* i
        let (a, b, c, d) = (load(from), load(from + 16), load(from + 32), load(from + 48))
        let even = (pack(a.evenHalf, b.evenHalf), pack(c.evenHalf, d.evenHalf))
        let odd = (pack(a.oddHalf, b.oddHalf), pack(c.oddHalf, d.oddHalf))
        let to = planes + i
        store(pack(even.0.evenHalf, even.1.evenHalf), to)
        store(pack(odd.0.evenHalf, odd.1.evenHalf), to + planeStep)
        store(pack(even.0.oddHalf, even.1.oddHalf), to + 2 &* planeStep)
        store(pack(odd.0.oddHalf, odd.1.oddHalf), to + 3 &* planeStep)
        i &+= 16
      }
    }
    for channel in 0..<channels {
      let plane = planes + channel &* planeStep
      for k in i..<count { plane[k] = line[k &* channels &+ channel] }
    }
  }

  package static func mergeChannels(
    _ planes: UnsafePointer<Float>, planeStep: Int, count: Int, channels: Int, tones: UnsafePointer<Tone>,
    into line: UnsafeMutablePointer<Float>
  ) {
    var i = 0
    if channels == 4 {
      let (first, second) = (LaneTone(tones[0]), LaneTone(tones[1]))
      let (third, fourth) = (LaneTone(tones[2]), LaneTone(tones[3]))
      while i &+ 16 <= count {
        let from = planes + i
        let (a, b) = (first(load(from)), second(load(from + planeStep)))
        let (c, d) = (third(load(from + 2 &* planeStep)), fourth(load(from + 3 &* planeStep)))
        let even = (weave(a.lowHalf, c.lowHalf), weave(a.highHalf, c.highHalf))
        let odd = (weave(b.lowHalf, d.lowHalf), weave(b.highHalf, d.highHalf))
        let to = line + 4 &* i
        store(weave(even.0.lowHalf, odd.0.lowHalf), to)
        store(weave(even.0.highHalf, odd.0.highHalf), to + 16)
        store(weave(even.1.lowHalf, odd.1.lowHalf), to + 32)
        store(weave(even.1.highHalf, odd.1.highHalf), to + 48)
        i &+= 16
      }
    }
    for channel in 0..<channels {
      let tone = LaneTone(tones[channel])
      let plane = planes + channel &* planeStep
      var k = i
      while k < count {
        let lanes = min(16, count &- k)
        let value = tone(load(plane + k, count: lanes))
        for lane in 0..<lanes { line[(k &+ lane) &* channels &+ channel] = value[lane] }
        k &+= 16
      }
    }
  }
}

@inline(__always)
private func pack(_ low: SIMD8<Float>, _ high: SIMD8<Float>) -> Lanes { Lanes(lowHalf: low, highHalf: high) }

/// a₀ b₀ a₁ b₁ …
@inline(__always)
private func weave(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> Lanes {
  var lanes = Lanes(repeating: 0)
  lanes.evenHalf = a
  lanes.oddHalf = b
  return lanes
}
