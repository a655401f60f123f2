import Foundations
import Imaging

extension Predictor {
  /// Makes sure, from its header alone, that the machine holds a case with what windows keep of its scores.
  ///
  /// `plans` are those of an ensemble. Throws `PreparationError.predictionMemory`; what a header hides, reading will say.
  package static func checkMemory(
    _ files: CaseFiles, plans: [TrainingPlan], loop: ParallelLoop,
    available: Int? = MachineMemory.available()
  ) throws {
    guard let plan = plans.first, let available,
      let size = CaseReading(plan: plan, loop: loop).harmonizedSize(files)
    else { return }
    let scores = plans.reduce(0) { sum, plan in
      let slices = WindowSweep.slicesHeld(depth: size.z, patch: plan.patchAxes.depth)
      return sum + slices * size.x * size.y * plan.outputCount * MemoryLayout<Float>.stride
    }
    let needed = CaseReading(plan: plan, loop: loop).bytesWhileRead(files) + scores
    if needed > available {
      throw PreparationError.predictionMemory(
        path: files.images[0].path, bytes: needed, available: available)
    }
  }
}
