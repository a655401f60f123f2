import Kernels

extension KernelProbe {
  static let winogradProbes = [
    KernelProbe(kernel: "winogradInput") { kernels, memory in
      each { size in
        for isNormalized in [false, true] {
          let stride = size.channels + 2
          let source = memory.read(
            voxels: 2 * size.voxels, channels: size.channels, stride: stride, isNormalized: isNormalized,
            samples: 2)
          for sample in 0..<2 {
            let block = size.block(memory, sample: sample)
            kernels.winogradInput(block, source: source, into: memory.target(size.transformed))
          }
        }
      }
    },
    KernelProbe(kernel: "winogradOutput") { kernels, memory in
      each { size in
        for isAdding in [false, true] {
          for epilogue in 0..<3 {
            output(kernels, memory, size, isAdding: isAdding, epilogue: epilogue)
          }
        }
      }
    },
    KernelProbe(kernel: "winogradGradient") { kernels, memory in
      each { size in
        for isNormalized in [false, true] {
          let (stride, outputStride) = (size.channels + 2, size.channels + 1)
          let count = strided(2 * size.voxels, size.channels, stride)
          let values = memory.observed(memory.normal(count), count)
          let output =
            isNormalized
            ? memory.read(
              voxels: 2 * size.voxels, channels: size.channels, stride: outputStride, isNormalized: true,
              samples: 2) : nil
          for sample in 0..<2 {
            kernels.winogradGradient(
              size.block(memory, sample: sample),
              source: GradientRead(values: values, stride: stride, output: output),
              into: memory.target(size.transformed))
          }
        }
      }
    },
    KernelProbe(kernel: "winogradFilter") { kernels, memory in
      each { size in
        for isFlipped in [false, true] { filter(kernels, memory, size, isFlipped: isFlipped) }
      }
    },
    KernelProbe(kernel: "winogradFilterGradient") { kernels, memory in
      each { size in
        for chunks in [1, 3] { filterGradient(kernels, memory, size, chunks: chunks) }
      }
    },
  ]

  /// Every tile size along some axis, on a grid that none divides.
  private static func each(_ body: (WinogradSize) -> Void) {
    let tiles = [(1, 2, 2), (1, 4, 4), (1, 6, 4), (2, 4, 6), (4, 2, 1), (6, 6, 2)]
    for (index, tile) in tiles.enumerated() {
      for channels in [KernelProbe.channels[index % 5], KernelProbe.channels[(index + 2) % 5]] {
        body(WinogradSize(tile: tile, channels: channels))
      }
    }
  }

  private static func output(
    _ kernels: any KernelSet.Type, _ memory: ProbeMemory, _ size: WinogradSize, isAdding: Bool, epilogue: Int
  ) {
    let stride = size.channels + 2
    let target = memory.target(strided(2 * size.voxels, size.channels, stride), isAdding: isAdding)
    let input = memory.read(
      voxels: 2 * size.voxels, channels: size.channels, stride: size.channels + 1, isNormalized: true,
      samples: 2)
    for sample in 0..<2 {
      let sums = memory.sums(2 * size.channels)
      let gathered: Epilogue =
        epilogue == 0
        ? .none : epilogue == 1 ? .moments(sums: sums) : .normGradient(input: input, sums: sums)
      kernels.winogradOutput(
        size.block(memory, sample: sample), source: memory.normal(size.transformed),
        target: TensorWrite(base: target, stride: stride, isAdding: isAdding), epilogue: gathered)
    }
  }

  /// All weights, and a part of the input channels and the last output channels as one panel's worth.
  private static func filter(
    _ kernels: any KernelSet.Type, _ memory: ProbeMemory, _ size: WinogradSize, isFlipped: Bool
  ) {
    let (inputs, outputs) = (19, size.channels)
    let weights = memory.normal(size.taps * inputs * outputs)
    for range in [0..<inputs, 1..<inputs] {
      let first = outputs > 16 ? 16 : 0
      let panels = (outputs - first + 15) / 16
      let (positionStep, panelStep) = (panels * range.count * 16 + 16, range.count * 16)
      kernels.winogradFilter(
        WinogradFilter(
          weights: weights, tapStep: inputs * outputs, inputStep: isFlipped ? 1 : outputs,
          outputStep: isFlipped ? inputs : 1, inputs: range, outputs: first..<outputs, isFlipped: isFlipped,
          kernel: size.kernel, tile: size.tile, points: size.points,
          target: memory.target(strided(size.positions, panels * panelStep, positionStep)),
          positionStep: positionStep, panelStep: panelStep,
          scratch: memory.scratch(size.positions * 16 + size.taps * 256)))
    }
  }

  private static func filterGradient(
    _ kernels: any KernelSet.Type, _ memory: ProbeMemory, _ size: WinogradSize, chunks: Int
  ) {
    let (inputs, outputs, rowStep) = (3, size.channels, registers(size.channels))
    let positionStep = inputs * rowStep
    kernels.winogradFilterGradient(
      WinogradFilterGradient(
        source: memory.normal(chunks * size.positions * positionStep), chunks: chunks,
        chunkStep: size.positions * positionStep, positionStep: positionStep, rowStep: rowStep,
        inputs: 0..<inputs, outputs: outputs, kernel: size.kernel, tile: size.tile, points: size.points,
        target: memory.target(size.taps * inputs * outputs), tapStep: inputs * outputs, inputStep: outputs,
        scratch: memory.scratch(size.positions * 16)))
  }
}

/// A tiling whose last tiles reach beyond the grid.
private struct WinogradSize {
  let tile: (depth: Int, height: Int, width: Int)
  let channels: Int

  var grid: (depth: Int, height: Int, width: Int) { (tile.depth == 1 ? 1 : 3, 5, 7) }
  var voxels: Int { grid.depth * grid.height * grid.width }
  var points: (depth: Int, height: Int, width: Int) {
    (point(tile.depth), point(tile.height), point(tile.width))
  }
  var kernel: (depth: Int, height: Int, width: Int) {
    (tap(tile.depth), tap(tile.height), tap(tile.width))
  }
  var positions: Int { points.depth * points.height * points.width }
  var taps: Int { kernel.depth * kernel.height * kernel.width }

  private var tiles: (depth: Int, height: Int, width: Int) {
    (
      (grid.depth + tile.depth - 1) / tile.depth, (grid.height + tile.height - 1) / tile.height,
      (grid.width + tile.width - 1) / tile.width
    )
  }
  private var count: Int { tiles.depth * tiles.height * tiles.width }
  private var positionStep: Int { count * registers(channels) + 16 }

  /// Values of all transformed tiles.
  var transformed: Int { strided(positions, count * registers(channels), positionStep) }

  func block(_ memory: ProbeMemory, sample: Int) -> WinogradBlock {
    WinogradBlock(
      grid: grid, channels: channels, tile: tile, points: points,
      padding: (tap(tile.depth) / 2, tap(tile.height) / 2, tap(tile.width) / 2), tiles: tiles,
      sample: sample, first: 0, count: count, tileStep: registers(channels), positionStep: positionStep,
      scratch: memory.scratch(positions * 16))
  }

  private func point(_ results: Int) -> Int { results == 1 ? 1 : results + 2 }
  private func tap(_ results: Int) -> Int { results == 1 ? 1 : 3 }
}
