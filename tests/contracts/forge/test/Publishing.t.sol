// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "registry/Registry.sol";
import {Places} from "./Cheats.sol";

/// @notice Head words, parents and batches.
contract PublishingTest is Places {
    function testFuzz_a_version_stores_its_word_and_says_so(bytes32 root, uint96 size, bytes32 manifest) external {
        Registry.Publication memory p = Registry.Publication(owner, LABEL, 0, root, size, manifest);
        for (uint256 version = 1; version < 4; ++version) {
            p.parent = registry.head(graph());
            bytes32 word = wordOf(p);
            vm.expectEmit(address(registry));
            emit Registry.Version(graph(), word, p.parent, root, size, manifest, owner);
            require(publish(p) == word && registry.head(graph()) == word, "word");
            require(uint256(word) >> 216 == version, "version");
        }
    }

    function testFuzz_a_graph_is_its_chain_registry_creator_and_label(address creator, bytes32 label) external view {
        require(registry.graphOf(creator, label) == graphOf(creator, label), "graph");
    }

    function test_the_head_is_in_slot_0() external {
        bytes32 word = publish(next(1));
        require(vm.load(address(registry), keccak256(abi.encode(graph(), 0))) == word, "slot");
    }

    function testFuzz_a_parent_that_is_not_the_head_is_refused(bytes32 parent) external {
        bytes32 first = publish(next(1));
        vm.assume(parent != first);
        Registry.Publication memory p = next(2);
        p.parent = parent;
        vm.expectRevert(abi.encodeWithSelector(Registry.Stale.selector, first));
        publish(p);
        vm.expectRevert(abi.encodeWithSelector(Registry.Stale.selector, first));
        publishToAs(owner, p);
        require(registry.head(graph()) == first, "head");
    }

    function testFuzz_a_size_beyond_its_bits_is_refused(uint256 size) external {
        vm.assume(size >> 96 != 0);
        Registry.Publication memory p = next(1);
        p.size = size;
        vm.expectRevert(abi.encodeWithSelector(Registry.BadSize.selector, size));
        publish(p);
    }

    function testFuzz_a_stranger_publishes_to_no_graph_of_others(address stranger, uint256 seed) external {
        vm.assume(stranger != owner);
        vm.expectRevert(refused(stranger));
        publishToAs(stranger, next(seed));
    }

    function test_publish_and_publishTo_are_one_for_the_creator() external {
        publish(next(1));
        bytes32 word = publishToAs(owner, next(2));
        require(registry.head(graph()) == word && uint256(word) >> 216 == 2, "head");
    }

    function testFuzz_graphs_of_other_labels_and_creators_are_apart(bytes32 label, address creator) external {
        vm.assume(creator != address(0) && (label != LABEL || creator != owner));
        bytes32 mine = publish(next(1));
        publish(next(creator, label, 1));
        require(registry.head(graph()) == mine, "touched");
    }

    function testFuzz_the_same_version_has_another_word_on_another_chain(uint64 chain) external {
        vm.assume(chain != block.chainid);
        Registry.Publication memory p = next(1);
        bytes32 word = wordOf(p);
        vm.chainId(chain);
        require(publish(p) != word, "word");
    }

    function many(uint256 count) private view returns (Registry.Publication[] memory all) {
        all = new Registry.Publication[](count);
        for (uint256 i = 0; i < count; ++i) {
            all[i] = next(owner, bytes32(i + 1), i);
        }
    }

    function test_a_batch_publishes_each_on_its_parent() external {
        for (uint256 round = 0; round < 2; ++round) {
            Registry.Publication[] memory all = many(5);
            vm.prank(owner);
            registry.publishMany(all);
            for (uint256 i = 0; i < 5; ++i) {
                require(registry.head(graphOf(owner, bytes32(i + 1))) == wordOf(all[i]), "head");
            }
        }
    }

    function testFuzz_one_stale_graph_leaves_the_whole_batch_out(uint8 place, bytes32 parent) external {
        Registry.Publication[] memory all = many(5);
        vm.assume(parent != 0);
        all[place % 5].parent = parent;
        vm.expectRevert(abi.encodeWithSelector(Registry.Stale.selector, bytes32(0)));
        vm.prank(owner);
        registry.publishMany(all);
        for (uint256 i = 0; i < 5; ++i) {
            require(registry.head(graphOf(owner, bytes32(i + 1))) == 0, "head");
        }
    }

    function test_one_graph_of_somebody_else_leaves_the_whole_batch_out() external {
        Registry.Publication[] memory all = many(3);
        all[2] = next(other, LABEL, 1);
        vm.expectRevert(
            abi.encodeWithSelector(Registry.NotAllowed.selector, graphOf(other, LABEL), owner)
        );
        vm.prank(owner);
        registry.publishMany(all);
    }

    function test_a_graph_twice_in_a_batch_gets_two_versions_if_the_second_stands_on_the_first() external {
        Registry.Publication[] memory all = new Registry.Publication[](2);
        all[0] = next(1);
        all[1] = next(2);
        all[1].parent = wordOf(all[0]);
        vm.prank(owner);
        registry.publishMany(all);
        require(registry.head(graph()) == wordOf(all[1]), "head");
    }

    function testFuzz_a_batch_root_is_an_event_and_moves_no_head(bytes32 root, uint256 count) external {
        bytes32 word = publish(next(1));
        vm.expectEmit(address(registry));
        emit Registry.Batch(STRANGER, root, count);
        vm.prank(STRANGER);
        registry.publishBatch(root, count);
        require(registry.head(graph()) == word, "head");
    }
}
