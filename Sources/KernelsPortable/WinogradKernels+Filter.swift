import Kernels

extension CompiledKernels {
  package static func winogradFilter(_ filter: WinogradFilter) {
    let (kd, kh, kw) = filter.kernel
    let (nd, nh, nw) = filter.points
    let scratch = filter.scratch
    let last = kd &* kh &* kw &- 1
    for input in filter.inputs {
      var output = filter.outputs.lowerBound
      while output < filter.outputs.upperBound {
        let lanes = min(16, filter.outputs.upperBound &- output)
        let from = filter.weights + (input &* filter.inputStep &+ output &* filter.outputStep)
        for d in 0..<kd {
          for h in 0..<kh {
            for w in 0..<kw {
              let tap = (d &* kh &+ h) &* kw &+ w
              let at = from + (filter.isFlipped ? last &- tap : tap) &* filter.tapStep
              let value =
                filter.outputStep == 1 ? load(at, count: lanes) : gather(at, filter.outputStep, lanes)
              store(value, scratch + ((d &* nh &+ h) &* nw &+ w) &* 16)
            }
          }
        }
        for d in 0..<kd {
          for h in 0..<kh {
            let line = StridedLanes(base: scratch + (d &* nh &+ h) &* nw &* 16, step: 16)
            transformFilter(filter.tile.width, line, line)
          }
          for w in 0..<nw {
            let column = StridedLanes(base: scratch + (d &* nh &* nw &+ w) &* 16, step: nw &* 16)
            transformFilter(filter.tile.height, column, column)
          }
        }
        let panel = (output &- filter.outputs.lowerBound) / 16
        let out = filter.target + (panel &* filter.panelStep &+ (input &- filter.inputs.lowerBound) &* 16)
        let plane = nh &* nw
        for position in 0..<plane {
          transformFilter(
            filter.tile.depth, StridedLanes(base: scratch + position &* 16, step: plane &* 16),
            StridedLanes(base: out + position &* filter.positionStep, step: plane &* filter.positionStep))
        }
        _ = nd
        output &+= 16
      }
    }
  }

  package static func winogradFilterGradient(_ filter: WinogradFilterGradient) {
    let (kd, kh, kw) = filter.kernel
    let (nd, nh, nw) = filter.points
    let scratch = filter.scratch
    let plane = nh &* nw
    for input in filter.inputs {
      var output = 0
      while output < filter.outputs {
        let lanes = min(16, filter.outputs &- output)
        let from = filter.source + (input &* filter.rowStep &+ output)
        for position in 0..<(nd &* plane) {
          var value = load(from + position &* filter.positionStep)
          for chunk in 1..<max(1, filter.chunks) {
            value += load(from + (chunk &* filter.chunkStep &+ position &* filter.positionStep))
          }
          store(value, scratch + position &* 16)
        }
        for position in 0..<plane {
          let column = StridedLanes(base: scratch + position &* 16, step: plane &* 16)
          transformFilterGradient(filter.tile.depth, column, column)
        }
        for d in 0..<kd {
          for w in 0..<nw {
            let column = StridedLanes(base: scratch + (d &* plane &+ w) &* 16, step: nw &* 16)
            transformFilterGradient(filter.tile.height, column, column)
          }
          for h in 0..<kh {
            let line = StridedLanes(base: scratch + (d &* plane &+ h &* nw) &* 16, step: 16)
            transformFilterGradient(filter.tile.width, line, line)
            for w in 0..<kw {
              let tap = (d &* kh &+ h) &* kw &+ w
              let out = filter.target + (tap &* filter.tapStep &+ input &* filter.inputStep &+ output)
              store(line(w), out, count: lanes)
            }
          }
        }
        output &+= 16
      }
    }
  }
}

/// Up to 16 values at a constant distance.
@inline(__always)
private func gather(_ p: UnsafePointer<Float>, _ step: Int, _ lanes: Int) -> Lanes {
  var value = Lanes(repeating: 0)
  for i in 0..<lanes { value[i] = p[i &* step] }
  return value
}
