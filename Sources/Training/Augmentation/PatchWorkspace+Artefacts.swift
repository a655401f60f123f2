import Foundations
import Kernels
import Tensor

/// What differs between MR scanners: done before nnU-Net's list, in the order in which it arises.
///
/// All of it works on what lies above the channel's least value in the patch: the black of a standardised scan, which
/// is outside the brain as well.
extension PatchWorkspace {
  /// Ghosts of a motion that modulates k-space lines: the case once more on either side, a share of it.
  ///
  /// To add w · (s(x + d) + s(x − d)) to a signal s is to multiply its spectrum by 1 + 2w · cos(2πkd); by dividing by
  /// 1 + 2w the middle of k-space, the scan's mean, stays. They are copies of the case, not of the patch: what lies
  /// beyond the patch shows as well.
  func addGhosts(
    _ volume: VolumeRead, _ frame: PatchFrame, _ draw: AugmentationDraw, caseSize: SIMD3<Int>
  ) {
    guard let ghosts = draw.ghosts, draw.channels.contains(where: { $0.ghosting != nil }) else { return }
    let lows = (0..<channels).map { kernels.moments(planes + $0 * planeStep, count: patch.product).low }
    let distance = max(1, caseSize[ghosts.axis] / ghosts.count)
    let frames = [distance, -distance].map { frame.shifted(along: ghosts.axis, by: $0) }
    let labels = ghostLabels
    for row in 0..<(patch.depth * patch.height) {
      let offset = row * patch.width
      for frame in frames {
        readLine(volume, frame, row: row, image: line, labels: labels)
        kernels.fill(
          line, where: labels, are: TrainingCase.outside, count: patch.width, channels: channels,
          values: lows)
        kernels.splitChannels(
          line, count: patch.width, channels: channels, into: spare, planeStep: patch.width)
        for (channel, low) in lows.enumerated() {
          guard let share = draw.channels[channel].ghosting.map(Float.init) else { continue }
          let target = planes + channel * planeStep + offset
          let copy = spare + channel * patch.width
          for x in 0..<patch.width { target[x] += share * (copy[x] - low) }
        }
      }
      for (channel, low) in lows.enumerated() {
        guard let share = draw.channels[channel].ghosting else { continue }
        let target = planes + channel * planeStep + offset
        let scale = Float(1 / (1 + 2 * share))
        for x in 0..<patch.width { target[x] = low + scale * (target[x] - low) }
      }
    }
  }

  /// Slices that are thick along one axis.
  func thicken(_ plane: UnsafeMutablePointer<Float>, _ slices: AugmentationDraw.Slices) {
    func along(_ axis: Int, _ extent: Int) -> AxisFilter? {
      axis == slices.axis ? .slices(thickness: slices.thickness, extent: extent) : nil
    }
    filter(
      plane, depth: along(2, patch.depth), height: along(1, patch.height), width: along(0, patch.width))
  }

  /// Multiplies a plane, above its least value, by a field; `caseSize` is the field's unit.
  func apply(_ field: BiasFieldDraw, to plane: UnsafeMutablePointer<Float>, caseSize: SIMD3<Int>) {
    let low = kernels.moments(plane, count: patch.product).low
    let middle = (SIMD3(Double(patch.width), Double(patch.height), Double(patch.depth)) - 1) / 2
    let unit =
      SIMD3<Double>(
        SIMD3(max(1, caseSize.x - 1), max(1, caseSize.y - 1), max(1, caseSize.z - 1))) / 2
    for z in 0..<patch.depth {
      for y in 0..<patch.height {
        let polynomial = field.along(
          y: (Double(y) - middle.y) / unit.y, z: patch.depth == 1 ? 0 : (Double(z) - middle.z) / unit.z)
        kernels.applyField(
          plane + (z * patch.height + y) * patch.width, count: patch.width,
          polynomial: SIMD4<Float>(polynomial), start: Float(-middle.x / unit.x), step: Float(1 / unit.x),
          low: low)
      }
    }
  }
}
