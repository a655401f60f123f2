import Kernels
import Tensor

extension PatchWorkspace {
  /// Reads a whole patch as it is: `image` `(depth, height, width, channel)`, `targets` a class for each voxel,
  /// background outside the brain as well.
  func read(
    _ item: TrainingCase, _ frame: PatchFrame, image: UnsafeMutablePointer<Float>,
    targets: UnsafeMutablePointer<UInt8>
  ) {
    withVolume(item) { volume in
      for row in 0..<(patch.depth * patch.height) {
        let offset = row * patch.width
        readLine(volume, frame, row: row, image: image + offset * channels, labels: targets + offset)
      }
    }
    clearOutside(targets)
  }

  /// Makes what is outside the brain background.
  func clearOutside(_ targets: UnsafeMutablePointer<UInt8>) {
    for voxel in 0..<patch.product where targets[voxel] == TrainingCase.outside { targets[voxel] = 0 }
  }

  /// Gives `body` the case as kernels read it.
  func withVolume(_ item: TrainingCase, _ body: (VolumeRead) -> Void) {
    precondition(item.channels == channels, "the workspace is for another number of channels")
    item.image.withUnsafeBufferPointer { image in
      item.targets.withUnsafeBufferPointer { targets in
        body(
          VolumeRead(
            image: image.baseAddress!, labels: targets.baseAddress!,
            grid: (item.size.z, item.size.y, item.size.x), channels: channels, zeros: zeros,
            outside: TrainingCase.outside))
      }
    }
  }

  /// Reads a line of the patch, the `row`th of all: `image` `(width, channel)`, `labels` `(width)`.
  ///
  /// Outside the case the image is 0 and the label `TrainingCase.outside`.
  func readLine(
    _ volume: VolumeRead, _ frame: PatchFrame, row: Int, image: UnsafeMutablePointer<Float>,
    labels: UnsafeMutablePointer<UInt8>
  ) {
    let (z, y) = (row / patch.height, row % patch.height)
    var volume = volume
    if frame.isPlanar {
      let slice = frame.index(2, z)
      guard slice >= 0 && slice < volume.grid.depth else { return clear(0..<patch.width, image, labels) }
      let first = slice * volume.grid.height * volume.grid.width
      volume.image += first * channels
      volume.labels += first
      volume.grid.depth = 1
    }
    guard let path = frame.line(y: y, z: z) else {
      return copyLine(volume, frame, y: frame.index(1, y), image: image, labels: labels)
    }
    var sample = SampleLine(
      start: SIMD3<Float>(path.start), step: SIMD3<Float>(path.step), count: patch.width,
      isPlanar: frame.isPlanar)
    if let field = frame.field {
      field.line(y: y, z: z, kernels: kernels, scratch: splineLine, into: offsets, step: patch.width)
      (sample.offsets, sample.offsetStep) = (UnsafePointer(offsets), patch.width)
    }
    kernels.sampleLine(sample, of: volume, image: image, labels: labels, scratch: scratch)
  }

  private func clear(
    _ range: Range<Int>, _ image: UnsafeMutablePointer<Float>, _ labels: UnsafeMutablePointer<UInt8>
  ) {
    (image + range.lowerBound * channels).update(repeating: 0, count: range.count * channels)
    (labels + range.lowerBound).update(repeating: TrainingCase.outside, count: range.count)
  }

  /// Copies line `y` of the volume's only slice.
  private func copyLine(
    _ volume: VolumeRead, _ frame: PatchFrame, y: Int, image: UnsafeMutablePointer<Float>,
    labels: UnsafeMutablePointer<UInt8>
  ) {
    let width = patch.width
    let start = frame.origin.x
    // What lies in the case, counted along the case.
    let first = min(max(0, -start), width)
    let end = max(first, min(width, volume.grid.width - start))
    guard y >= 0 && y < volume.grid.height && first < end else { return clear(0..<width, image, labels) }
    let from = y * volume.grid.width + start
    if frame.direction.x > 0 {
      clear(0..<first, image, labels)
      clear(end..<width, image, labels)
      (image + first * channels).update(
        from: volume.image + (from + first) * channels, count: (end - first) * channels)
      (labels + first).update(from: volume.labels + (from + first), count: end - first)
    } else {
      clear(0..<(width - end), image, labels)
      clear((width - first)..<width, image, labels)
      for place in first..<end {
        let to = width - 1 - place
        labels[to] = volume.labels[from + place]
        for channel in 0..<channels {
          image[to * channels + channel] = volume.image[(from + place) * channels + channel]
        }
      }
    }
  }
}
