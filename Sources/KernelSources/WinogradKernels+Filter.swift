import CProcessor
import Kernels

extension CompiledKernels {
  package static func winogradFilter(_ filter: WinogradFilter) {
    var output = filter.outputs.lowerBound
    while output < filter.outputs.upperBound {
      let lanes = min(16, filter.outputs.upperBound &- output)
      let panel = (output &- filter.outputs.lowerBound) / 16
      var input = filter.inputs.lowerBound
      while input < filter.inputs.upperBound {
        let count = min(16, filter.inputs.upperBound &- input)
        let target = filter.target + (panel &* filter.panelStep &+ (input &- filter.inputs.lowerBound) &* 16)
        filterBlock(filter, input: input, count: count, output: output, lanes: lanes, target)
        input &+= 16
      }
      output &+= 16
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
        let columns = LineSet(base: scratch, outerStep: plane &* 16, innerStep: 16, step: nw &* 16)
        let lines = LineSet(base: scratch, outerStep: plane &* 16, innerStep: nw &* 16, step: 16)
        let depths = LineSet(base: scratch, outerStep: 0, innerStep: 16, step: plane &* 16)
        filterGradientPass(filter.tile.depth, LineCount(outer: 1, inner: plane), from: depths, to: depths)
        filterGradientPass(filter.tile.height, LineCount(outer: kd, inner: nw), from: columns, to: columns)
        filterGradientPass(filter.tile.width, LineCount(outer: kd, inner: kh), from: lines, to: lines)
        for d in 0..<kd {
          for h in 0..<kh {
            let line = StridedLanes(base: scratch + (d &* plane &+ h &* nw) &* 16, step: 16)
            for w in 0..<kw {
              let tap = (d &* kh &+ h) &* kw &+ w
              let out = filter.target + (tap &* filter.tapStep &+ input &* filter.inputStep &+ output)
              store(line(w), out, count: lanes)
              // Each tap's weights lie far from the other taps'.
              segfed_prefetch(out + 4 &* filter.inputStep)
            }
          }
        }
        output &+= 16
      }
    }
  }
}

/// Up to 16 input channels for 16 output channels.
private func filterBlock(
  _ filter: WinogradFilter, input: Int, count: Int, output: Int, lanes: Int,
  _ target: UnsafeMutablePointer<Float>
) {
  let taps = filter.kernel.depth &* filter.kernel.height &* filter.kernel.width
  let from = filter.weights + (input &* filter.inputStep &+ output &* filter.outputStep)
  let packed = filter.scratch + filter.points.depth &* filter.points.height &* filter.points.width &* 16
  if filter.outputStep != 1 {
    for tap in 0..<taps {
      CompiledKernels.packPanel(
        from + tap &* filter.tapStep, rowStep: filter.outputStep, rows: lanes, depth: count,
        into: packed + tap &* 256)
    }
  }
  for i in 0..<count {
    for tap in 0..<taps {
      let at = filter.isFlipped ? taps &- 1 &- tap : tap
      var value: Lanes
      if filter.outputStep == 1 {
        let weights = from + (at &* filter.tapStep &+ i &* filter.inputStep)
        value = load(weights, count: lanes)
        // Each tap's weights lie far from the other taps'.
        segfed_prefetch(weights + 4 &* filter.inputStep)
      } else {
        value = load(packed + (at &* 256 &+ i &* 16))
      }
      store(value, filter.scratch + filterPlace(filter, tap) &* 16)
    }
    transformFilter(filter, target + i &* 16)
  }
}

/// Where a tap stands in the scratch, whose lines have room for all points.
@inline(__always)
private func filterPlace(_ filter: WinogradFilter, _ tap: Int) -> Int {
  let w = tap % filter.kernel.width
  let rest = tap / filter.kernel.width
  let h = rest % filter.kernel.height
  let d = rest / filter.kernel.height
  return (d &* filter.points.height &+ h) &* filter.points.width &+ w
}

/// Along the width, the height and the depth; the last pass into the target.
@inline(__always)
private func transformFilter(_ filter: WinogradFilter, _ out: UnsafeMutablePointer<Float>) {
  let (kd, kh, _) = filter.kernel
  let (_, nh, nw) = filter.points
  let (scratch, plane, step) = (filter.scratch, nh &* nw, filter.positionStep)
  let lines = LineSet(base: scratch, outerStep: plane &* 16, innerStep: nw &* 16, step: 16)
  let columns = LineSet(base: scratch, outerStep: plane &* 16, innerStep: 16, step: nw &* 16)
  filterPass(filter.tile.width, LineCount(outer: kd, inner: kh), from: lines, to: lines)
  if kd == 1 {
    let target = LineSet(base: out, outerStep: 0, innerStep: step, step: nw &* step)
    filterPass(filter.tile.height, LineCount(outer: 1, inner: nw), from: columns, to: target)
    return
  }
  filterPass(filter.tile.height, LineCount(outer: kd, inner: nw), from: columns, to: columns)
  filterPass(
    filter.tile.depth, LineCount(outer: 1, inner: plane),
    from: LineSet(base: scratch, outerStep: 0, innerStep: 16, step: plane &* 16),
    to: LineSet(base: out, outerStep: 0, innerStep: step, step: plane &* step))
}
