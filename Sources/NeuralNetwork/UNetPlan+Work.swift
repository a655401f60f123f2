extension UNetPlan {
  /// What each pass of each layer has to do, in training or in inference, as the network is compiled for.
  package func work(isTraining: Bool) -> [LayerWork] {
    layers.flatMap { $0.work(isTraining: isTraining) }
  }
}
