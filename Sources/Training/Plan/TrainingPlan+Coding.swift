import Harmonization

extension TrainingPlan {
  /// Reads a resolved plan of this schema or an older one; what an older one lacks takes the value that it stood for.
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    func value<Value: Decodable>(_ key: CodingKeys) throws -> Value {
      try fields.decode(Value.self, forKey: key)
    }
    func value<Value: Decodable>(_ key: CodingKeys, else old: Value) throws -> Value {
      try fields.decodeIfPresent(Value.self, forKey: key) ?? old
    }
    let schema: Int = try value(.schemaVersion)
    let optimizer: OptimizerSettings = try value(.optimizer)
    self.init(
      schemaVersion: schema, name: try value(.name), dimensions: try value(.dimensions),
      contrasts: try value(.contrasts), labels: try value(.labels), regions: try value(.regions),
      targets: try value(.targets, else: .labels),
      spacing: try fields.decodeIfPresent([Double].self, forKey: .spacing),
      harmonisation: try value(.harmonisation, else: HarmonizationSettings(interpolation: .linear)),
      patch: try value(.patch), batch: try value(.batch),
      // Older plans left encoder, strides and kernels to the dimensions.
      network: try fields.decode(NetworkChoice.self, forKey: .network).resolved(
        dimensions: value(.dimensions)),
      loss: try value(.loss, else: Loss()), optimizer: optimizer.read(fromSchema: schema),
      foregroundOversampling: try value(.foregroundOversampling), mirror: try value(.mirror),
      augmentation: try value(.augmentation, else: .gainOffset), rounds: try value(.rounds),
      localSteps: try value(.localSteps),
      earlyStopping: try fields.decodeIfPresent(EarlyStopping.self, forKey: .earlyStopping),
      checkpointSteps: try value(.checkpointSteps, else: Self.defaultCheckpointSteps),
      split: try value(.split), inference: try value(.inference, else: InferenceSettings()))
  }
}
