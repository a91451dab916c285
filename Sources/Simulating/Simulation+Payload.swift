extension Simulation {
    /// What is known in one moment of one case.
    struct Scene {
        let file: OpenCase
        let agency: Agency
        let step: Step
        var kind: PermitKind { PermitKind.all[file.kind] }

        /// The key of an official of the case's department: each case has one responsible official among twelve.
        var responsible: UInt64 { official(100 + file.key >> 20 % 12) }
        var inspector: UInt64 { official(200 + file.key >> 40 % 5) }

        func official(_ place: UInt64) -> UInt64 {
            SplitMix64.derive(SplitMix64.derive(agency.key, 5), UInt64(file.kind) << 16 | place)
        }
    }

    /// The payload of the scene's event as JSON. Takes official numbers, so it must be called once for each event, in
    /// order.
    mutating func payload(_ scene: Scene) -> [UInt8] {
        var json = JSONObjectWriter()
        switch scene.step.kind.record {
        case .document: writeDocument(scene, to: &json)
        case .assignment: Simulation.writeAssignment(scene, to: &json)
        case .application: writeApplication(scene, to: &json)
        }
        return json.finish()
    }
}
