import Kernels

extension KernelProbe {
  private static let counts = [1, 7, 16, 41]

  static let optimizerProbes = [
    KernelProbe(kernel: "adamStep") { kernels, memory in
      for count in counts {
        kernels.adamStep(
          memory.observed(memory.normal(count), count), gradient: memory.normal(count),
          first: memory.observed(memory.normal(count), count),
          second: memory.observed(memory.positive(count), count), count: count,
          terms: AdamTerms(
            gradientScale: 0.5, rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, penalty: 0.2, decay: 0.1,
            correction1: 0.271, correction2: 0.002997))
      }
    },
    KernelProbe(kernel: "momentumStep") { kernels, memory in
      for count in counts {
        kernels.momentumStep(
          memory.observed(memory.normal(count), count), gradient: memory.normal(count),
          velocity: memory.observed(memory.normal(count), count), count: count,
          terms: MomentumTerms(gradientScale: 0.5, rate: 0.01, momentum: 0.99, decay: 3e-5))
      }
    },
    KernelProbe(kernel: "blend") { kernels, memory in
      for count in counts {
        kernels.blend(
          memory.observed(memory.normal(count), count), toward: memory.normal(count), count: count,
          share: 0.125)
      }
    },
    KernelProbe(kernel: "sumOfSquares") { kernels, memory in
      for count in counts { memory.observe(kernels.sumOfSquares(memory.normal(count), count: count)) }
    },
  ]
}
