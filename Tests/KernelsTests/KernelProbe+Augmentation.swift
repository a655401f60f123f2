import Kernels

extension KernelProbe {
  private static let counts = [1, 13, 16, 83]

  static let samplingProbes = [
    KernelProbe(kernel: "sampleLine") { kernels, memory in
      // Along an axis, across the volume, in at one side and out at another, and wholly outside.
      let lines: [(start: SIMD3<Float>, step: SIMD3<Float>)] = [
        (SIMD3(0, 2, 1), SIMD3(1, 0, 0)), (SIMD3(6.7, 0.2, 0.9), SIMD3(-0.9, 0.4, 0.1)),
        (SIMD3(-3, 4.5, -1.5), SIMD3(0.7, -0.2, 0.3)), (SIMD3(40, -9, 3), SIMD3(0.5, 0.5, 0.5)),
      ]
      for channels in [1, 4, 7] {
        let volume = VolumeRead(
          image: memory.normal(3 * 5 * 8 * channels), labels: memory.classes(3 * 5 * 8, below: 3),
          grid: (3, 5, 8), channels: channels,
          zeros: memory.place([Float](repeating: 0, count: channels)), outside: 9)
        for (start, step) in lines {
          for (isPlanar, isBent) in [(false, false), (true, false), (false, true)] {
            let count = 19
            let labels = memory.place([UInt8](repeating: 255, count: count))
            kernels.sampleLine(
              SampleLine(
                start: start, step: step, count: count, isPlanar: isPlanar,
                offsets: isBent ? UnsafePointer(memory.normal(strided(3, count, count + 2))) : nil,
                offsetStep: count + 2),
              of: volume, image: memory.target(count * channels), labels: labels,
              scratch: memory.scratch(SampleLine.scratchCount))
            for i in 0..<count { memory.observe(Double(labels[i])) }
          }
        }
      }
    },
    KernelProbe(kernel: "fill") { kernels, memory in
      for channels in [1, 3, 4] {
        for count in counts {
          kernels.fill(
            memory.observed(memory.normal(count * channels), count * channels),
            where: memory.classes(count, below: 3), are: 2, count: count, channels: channels,
            values: memory.normal(channels))
        }
      }
    },
    KernelProbe(kernel: "splitChannels") { kernels, memory in
      for channels in [1, 3, 4] {
        for count in counts {
          kernels.splitChannels(
            memory.normal(count * channels), count: count, channels: channels,
            into: memory.target(strided(channels, count, count + 2)), planeStep: count + 2)
        }
      }
    },
    KernelProbe(kernel: "mergeChannels") { kernels, memory in
      for channels in [1, 3, 4] {
        let tones = (0..<channels).map { Tone(scale: Float($0) - 0.5, shift: 0.3, low: -0.4, high: 0.9) }
        for count in counts {
          kernels.mergeChannels(
            memory.normal(strided(channels, count, count + 2)), planeStep: count + 2, count: count,
            channels: channels, tones: memory.place(tones), into: memory.target(count * channels))
        }
      }
    },
  ]

  static let intensityProbes = [
    KernelProbe(kernel: "addNoise") { kernels, memory in
      for count in counts + [64, 200] {
        let planes = strided(3, count, count + 5)
        kernels.addNoise(
          memory.observed(memory.normal(planes), planes), planeStep: count + 5, channels: 3, count: count,
          deviation: 0.1, key: SIMD2(7, 8))
      }
    },
    KernelProbe(kernel: "weightedSum") { kernels, memory in
      for count in counts {
        for taps in [1, 3, 7] {
          kernels.weightedSum(
            memory.normal(count + 2 * taps - 2), offsets: memory.place((0..<taps).map { 2 * $0 }),
            weights: memory.normal(taps), taps: taps, count: count, into: memory.target(count))
        }
      }
    },
    KernelProbe(kernel: "gatheredSum") { kernels, memory in
      for count in counts {
        kernels.gatheredSum(
          memory.normal(5), positions: memory.place((0..<(2 * count)).map { $0 * 3 % 5 }),
          weights: memory.normal(2 * count), taps: 2, count: count, into: memory.target(count))
      }
    },
    KernelProbe(kernel: "moments") { kernels, memory in
      for count in counts + [1000] { observe(kernels.moments(memory.normal(count), count: count), memory) }
    },
    KernelProbe(kernel: "applyTone") { kernels, memory in
      for count in counts {
        let plane = memory.observed(memory.normal(count), count)
        let tone = Tone(scale: -0.7, shift: 0.1, low: -1, high: 0.5)
        observe(kernels.applyTone(plane, count: count, tone: tone), memory)
      }
    },
    KernelProbe(kernel: "applyField") { kernels, memory in
      for count in counts {
        kernels.applyField(
          memory.observed(memory.normal(count), count), count: count,
          polynomial: SIMD4(0.1, -0.2, 0.3, 0.25), start: -1, step: 0.03, low: -2)
      }
    },
    KernelProbe(kernel: "applyPower") { kernels, memory in
      for count in counts {
        let plane = memory.observed(memory.positive(count), count)
        let tone = Tone(scale: 1.1, shift: -0.05, low: 0, high: 1)
        observe(kernels.applyPower(plane, count: count, tone: tone, exponent: 1.3), memory)
      }
    },
  ]

  private static func observe(_ moments: PlaneMoments, _ memory: ProbeMemory) {
    for value in [moments.sum, moments.squares, Double(moments.low), Double(moments.high)] {
      memory.observe(value)
    }
  }
}
