import Foundations
import Kernels
import Tensor

/// The plain reference of all three passes: loops over every tap, sums in double precision.
///
/// Last in the list of strategies: it accepts every shape, and the tests compare the others with it.
struct ReferenceConvolution: Sendable {
  let shape: ConvolutionShape

  /// Calls `body(output voxel, input voxel, tap)` for each tap of one sample that lies in the input.
  private func eachTap(_ body: (_ output: Int, _ input: Int, _ tap: Int) -> Void) {
    let (input, output) = (shape.input.grid, shape.outputGrid)
    for place in 0..<output.product {
      let (x, y, z) = (
        place % output.width, place / output.width % output.height, place / output.width / output.height
      )
      for tap in 0..<shape.kernel.product {
        let u = x * shape.stride.width + tap % shape.kernel.width - shape.padding.width
        let v =
          y * shape.stride.height + tap / shape.kernel.width % shape.kernel.height - shape.padding.height
        let w =
          z * shape.stride.depth + tap / shape.kernel.width / shape.kernel.height - shape.padding.depth
        if u < 0 || u >= input.width || v < 0 || v >= input.height || w < 0 || w >= input.depth { continue }
        body(place, (w * input.height + v) * input.width + u, tap)
      }
    }
  }

  private func read(_ tensor: TensorRead, sample: Int, row: Int, channel: Int) -> Double {
    let value = tensor.base[row * tensor.stride + channel]
    guard let norm = tensor.terms(sample: sample) else { return Double(value) }
    let z = norm.scale[channel] * value + norm.shift[channel]
    return Double(z < 0 ? z * norm.slope[channel] : z)
  }
}

extension ReferenceConvolution {
  /// Adds source · weight to sums of one sample, in the direction asked for.
  fileprivate func data(_ call: DataCall, isInputGradient: Bool, _ context: ConvolutionContext) {
    let target = isInputGradient ? shape.input : shape.output
    let source = isInputGradient ? shape.output : shape.input
    context.loop.forEach(target.batch) { sample, _ in
      var sums = [Double](repeating: 0, count: target.voxels * target.channels)
      eachTap { output, input, tap in
        let (from, to) = isInputGradient ? (output, input) : (input, output)
        for s in 0..<source.channels {
          let value = read(call.source, sample: sample, row: sample * source.voxels + from, channel: s)
          for t in 0..<target.channels {
            let (i, o) = isInputGradient ? (t, s) : (s, t)
            let weight = call.weights[(tap * shape.input.channels + i) * shape.outputChannels + o]
            sums[to * target.channels + t] += value * Double(weight)
          }
        }
      }
      for voxel in 0..<target.voxels {
        let row = call.target.base + (sample * target.voxels + voxel) * call.target.stride
        for t in 0..<target.channels {
          let old = call.target.isAdding ? Double(row[t]) : 0
          row[t] = Float(old + sums[voxel * target.channels + t])
        }
      }
      call.finish(context.kernels, shape: target, sample: sample, voxels: 0..<target.voxels, piece: sample)
    }
  }
}

/// The reference as a data strategy.
struct ReferenceData: DataStrategy {
  let shape: ConvolutionShape
  let isInputGradient: Bool

  var name: String { "reference" }
  var multiplyAdds: Int { shape.multiplyAdds }
  var demand: Workspace.Demand { Workspace.Demand() }
  var piecesPerSample: Int { 1 }

  func run(_ call: DataCall, _ context: ConvolutionContext) {
    ReferenceConvolution(shape: shape).data(call, isInputGradient: isInputGradient, context)
  }
}

/// The reference as a weight strategy.
struct ReferenceWeights: WeightStrategy {
  let shape: ConvolutionShape

  var name: String { "reference" }
  var multiplyAdds: Int { shape.multiplyAdds }
  var demand: Workspace.Demand { Workspace.Demand() }

  func run(_ call: WeightCall, _ context: ConvolutionContext) {
    ReferenceConvolution(shape: shape).weights(call, context)
  }
}

extension ReferenceConvolution {
  fileprivate func weights(_ call: WeightCall, _ context: ConvolutionContext) {
    let (inputs, outputs) = (shape.input.channels, shape.outputChannels)
    var sums = [Double](repeating: 0, count: shape.weightCount)
    for sample in 0..<shape.input.batch {
      call.prepare(context.kernels, shape: shape.output, sample: sample, voxels: 0..<shape.output.voxels)
      eachTap { output, input, tap in
        let gradient =
          call.gradient.values + (sample * shape.output.voxels + output) * call.gradient.stride
        for i in 0..<inputs {
          let value = read(call.input, sample: sample, row: sample * shape.input.voxels + input, channel: i)
          for o in 0..<outputs { sums[(tap * inputs + i) * outputs + o] += value * Double(gradient[o]) }
        }
      }
    }
    for i in sums.indices { call.weightGradient[i] = Float(sums[i]) }
  }
}
