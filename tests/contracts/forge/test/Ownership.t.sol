// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "registry/Registry.sol";
import {Places} from "./Cheats.sol";

/// @notice Who owns a graph, and who may publish to it.
contract OwnershipTest is Places {
    function test_the_creator_owns_a_graph_at_first() external view {
        (address kept, uint256 epoch) = registry.ownerOf(graph());
        require(kept == address(0) && epoch == 0 && registry.pendingOwner(graph()) == address(0), "owner");
    }

    function testFuzz_a_transfer_takes_two_steps(address to) external {
        vm.assume(to != owner && to != address(0));
        publish(next(1));
        vm.expectEmit(address(registry));
        emit Registry.OwnershipTransferStarted(graph(), owner, to);
        vm.prank(owner);
        registry.transferOwnership(owner, LABEL, to);
        require(registry.pendingOwner(graph()) == to, "pending");

        publish(next(2));
        vm.expectRevert(refused(to));
        publishToAs(to, next(3));

        vm.expectEmit(address(registry));
        emit Registry.OwnershipTransferred(graph(), owner, to);
        vm.prank(to);
        registry.acceptOwnership(owner, LABEL);
        (address kept, uint256 epoch) = registry.ownerOf(graph());
        require(kept == to && epoch == 1 && registry.pendingOwner(graph()) == address(0), "owner");
        publishToAs(to, next(4));
    }

    function testFuzz_the_former_owner_is_refused_everything(address to) external {
        vm.assume(to != owner && to != address(0));
        bytes32 word = publish(next(1));
        transferTo(owner, to);
        Registry.Publication memory p = next(2);
        vm.expectRevert(refused(owner));
        publish(p);
        vm.expectRevert(refused(owner));
        publishToAs(owner, p);
        vm.expectRevert(refused(owner));
        vm.prank(owner);
        registry.transferOwnership(owner, LABEL, owner);
        vm.expectRevert(refused(owner));
        vm.prank(owner);
        registry.acceptOwnership(owner, LABEL);
        vm.expectRevert(refused(owner));
        vm.prank(owner);
        registry.delegate(owner, LABEL, owner, type(uint256).max);
        require(registry.head(graph()) == word, "head");
    }

    function testFuzz_only_who_was_named_takes_over(address thief) external {
        vm.assume(thief != other);
        vm.prank(owner);
        registry.transferOwnership(owner, LABEL, other);
        vm.expectRevert(refused(thief));
        vm.prank(thief);
        registry.acceptOwnership(owner, LABEL);
    }

    function test_an_offer_can_be_taken_back_and_is_used_up() external {
        vm.prank(owner);
        registry.transferOwnership(owner, LABEL, other);
        vm.prank(owner);
        registry.transferOwnership(owner, LABEL, address(0));
        vm.expectRevert(refused(other));
        vm.prank(other);
        registry.acceptOwnership(owner, LABEL);

        transferTo(owner, other);
        transferTo(other, owner);
        vm.expectRevert(refused(other));
        vm.prank(other);
        registry.acceptOwnership(owner, LABEL);
        publish(next(1));
        (address kept, uint256 epoch) = registry.ownerOf(graph());
        require(kept == owner && epoch == 2, "owner");
    }

    function testFuzz_only_the_owner_offers_and_delegates(address stranger) external {
        vm.assume(stranger != owner);
        vm.expectRevert(refused(stranger));
        vm.prank(stranger);
        registry.transferOwnership(owner, LABEL, stranger);
        vm.expectRevert(refused(stranger));
        vm.prank(stranger);
        registry.delegate(owner, LABEL, stranger, type(uint256).max);
    }

    function testFuzz_a_transfer_touches_no_other_graph(bytes32 label) external {
        vm.assume(label != LABEL);
        transferTo(owner, other);
        publish(next(owner, label, 1));
        (address kept,) = registry.ownerOf(graphOf(owner, label));
        require(kept == address(0), "owner");
    }

    function testFuzz_a_delegate_publishes_until_its_last_second(uint64 until) external {
        vm.assume(until > 0);
        vm.expectEmit(address(registry));
        emit Registry.Delegated(graph(), other, until);
        vm.prank(owner);
        registry.delegate(owner, LABEL, other, until);
        require(registry.delegatedUntil(graph(), other) == until, "until");

        vm.warp(until);
        Registry.Publication memory p = next(1);
        vm.expectEmit(address(registry));
        emit Registry.Version(graph(), wordOf(p), p.parent, p.root, p.size, p.manifest, other);
        publishToAs(other, p);
        publish(next(2));

        vm.warp(uint256(until) + 1);
        vm.expectRevert(refused(other));
        publishToAs(other, next(3));
    }

    function test_a_delegate_is_taken_back() external {
        vm.prank(owner);
        registry.delegate(owner, LABEL, other, type(uint256).max);
        publishToAs(other, next(1));
        vm.prank(owner);
        registry.delegate(owner, LABEL, other, 0);
        vm.expectRevert(refused(other));
        publishToAs(other, next(2));
    }

    function test_a_delegate_neither_delegates_nor_transfers() external {
        vm.prank(owner);
        registry.delegate(owner, LABEL, other, type(uint256).max);
        vm.expectRevert(refused(other));
        vm.prank(other);
        registry.delegate(owner, LABEL, STRANGER, type(uint256).max);
        vm.expectRevert(refused(other));
        vm.prank(other);
        registry.transferOwnership(owner, LABEL, other);
    }

    function test_delegates_lapse_at_a_transfer_and_stay_so_when_the_graph_comes_back() external {
        vm.prank(owner);
        registry.delegate(owner, LABEL, STRANGER, type(uint256).max);
        transferTo(owner, other);
        require(registry.delegatedUntil(graph(), STRANGER) == 0, "until");
        vm.expectRevert(refused(STRANGER));
        publishToAs(STRANGER, next(1));
        transferTo(other, owner);
        vm.expectRevert(refused(STRANGER));
        publishToAs(STRANGER, next(1));
    }

    function test_the_former_owner_may_be_the_new_ones_delegate() external {
        transferTo(owner, other);
        vm.prank(other);
        registry.delegate(owner, LABEL, owner, type(uint256).max);
        publish(next(1));
    }

    function testFuzz_a_delegate_of_one_graph_is_none_of_another(bytes32 label) external {
        vm.assume(label != LABEL);
        vm.prank(owner);
        registry.delegate(owner, LABEL, other, type(uint256).max);
        Registry.Publication memory p = next(owner, label, 1);
        vm.expectRevert(
            abi.encodeWithSelector(Registry.NotAllowed.selector, graphOf(owner, label), other)
        );
        publishToAs(other, p);
    }
}
